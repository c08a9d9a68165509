"""What the admin endpoint shows while people chat: everything but what they say."""

import pytest

from parley_tests import processes
from parley_tests.prometheus import Prometheus
from parley_tests.waiting import eventually

SECRET = "the-secret-word"


@pytest.fixture
def chat(start_relay):
    relay = start_relay(log_level="trace")
    a, b = relay.pair({"bits": 512}, {"bits": 2048})
    for _ in range(3):
        a.say(SECRET)
        assert b.hear() == SECRET
    b.say(SECRET)
    assert a.hear() == SECRET
    return relay, a, b


def counted(relay):
    """The counts are published by the shards; what was just received may still be uncounted."""

    def session():
        found = relay.json("/api/v1/sessions")["sessions"]
        return found and found[0]["legs"][0]["messages_out"] == 1 and found

    return eventually(session, "the session's counts")


def test_health_and_readiness(chat):
    relay, _, _ = chat
    assert relay.get("/healthz")[0] == 200
    assert relay.get("/readyz")[0] == 200
    assert relay.get("/readyz", method="HEAD")[0] == 200


def test_the_session_is_shown(chat):
    relay, a, b = chat
    sessions = counted(relay)
    assert len(sessions) == 1
    session = sessions[0]
    assert session["protocol"] == "classic"
    assert session["state"] == "active"
    first, second = session["legs"]
    assert (first["address"], second["address"]) == (a.address, b.address)
    assert (first["rsa_bits"], second["rsa_bits"]) == (512, 2048)
    assert (first["messages_in"], first["messages_out"]) == (3, 1)
    assert (second["messages_in"], second["messages_out"]) == (1, 3)
    # On the wire: its key and three blocks under the relay's 2048-bit key came in.
    assert first["bytes_in"] == len(a.public.save_pkcs1()) + 3 * 256
    assert first["bytes_out"] == len(a.relay_pem) + 64
    assert second["bytes_out"] == len(b.relay_pem) + 3 * 256


def test_who_waits_is_shown(chat):
    relay, _, _ = chat
    waiting = relay.client()
    relay.wait_for_lobby(1)
    legs = relay.json("/api/v1/lobby")["legs"]
    assert [leg["address"] for leg in legs] == [waiting.address]
    assert len(relay.json("/api/v1/sessions")["sessions"]) == 1


def test_status(chat):
    relay, _, _ = chat
    status = relay.json("/api/v1/status")
    assert status["state"] == "ready"
    assert status["protocols"]["classic"]["sessions_total"] == 1
    assert status["listeners"]["classic"] == ["%s:%d" % relay.classic]
    assert status["workers"]["engine"] in ("openssl", "crypto_mb")


def test_the_counts_are_in_the_metrics(chat):
    relay, _, _ = chat
    counted(relay)
    metrics = relay.metrics()
    assert metrics.value("parley_messages_total", protocol="classic") == 4
    assert metrics.value("parley_sessions", protocol="classic") == 1
    assert metrics.value("parley_sessions_total") == 1
    assert metrics.value("parley_connections") == 2
    assert metrics.value("parley_connections_total") == 2
    assert metrics.value("parley_relay_seconds_count") == 4
    assert metrics.value("parley_state", state="ready") == 1
    assert {"process_resident_memory_bytes", "process_open_fds", "process_start_time_seconds"} <= metrics.names()


def test_no_message_text_anywhere(chat):
    relay, a, b = chat
    shown = [relay.get(path)[1] for path in ("/metrics", "/api/v1/sessions", "/api/v1/lobby", "/api/v1/status")]
    a.close()
    b.clean_end()
    relay.wait_for_sessions(0)
    shown += [relay.log(), relay.output(), relay.get("/metrics")[1]]
    assert not any(SECRET in text for text in shown)


def test_promtool_finds_nothing_to_complain_about(chat):
    relay, _, _ = chat
    done = processes.run(["promtool", "check", "metrics"], input=relay.get("/metrics")[1])
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_real_prometheus_scrapes_it(chat, clients, tmp_path):
    relay, a, b = chat
    prometheus = Prometheus(tmp_path, "%s:%d" % relay.admin)
    clients.append(prometheus)
    prometheus.wait_for('up{job="parley"}', 1)
    prometheus.wait_for("sum(parley_sessions)", 1)
    prometheus.wait_for('sum(parley_messages_total{protocol="classic"})', 4)
    a.close()
    b.close()
    prometheus.wait_for("sum(parley_sessions)", 0)
    prometheus.wait_for('parley_session_ends_total{protocol="classic",reason="peer-closed"}', 1)


def test_the_api_asks_for_the_token(start_relay, tmp_path):
    token = tmp_path / "token"
    token.write_text("0123456789abcdef0123456789abcdef\n")
    token.chmod(0o600)
    relay = start_relay(admin_token_file=token)
    assert relay.get("/metrics")[0] == 200
    assert relay.get("/api/v1/status")[0] == 401
    assert relay.get("/api/v1/status", {"Authorization": "Bearer wrong"})[0] == 401
    headers = {"Authorization": "Bearer 0123456789abcdef0123456789abcdef"}
    assert relay.get("/api/v1/status", headers)[0] == 200


def test_a_foreign_host_name_gets_nothing(relay):
    assert relay.get("/api/v1/status", {"Host": "evil.example"})[0] == 403
    assert relay.get("/api/v1/status", {"Host": "localhost"})[0] == 200


def test_what_is_not_there_is_a_problem(relay):
    status, body = relay.get("/api/v1/none")
    assert status == 404
    assert '"status":404' in body.replace(" ", "")
    assert relay.get("/api/v1/sessions", method="POST")[0] == 405
    assert relay.get("/api/v1/sessions?limit=many")[0] == 400
