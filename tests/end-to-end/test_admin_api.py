"""Every call of the admin API, with good input and bad, answers as /openapi.json says; what changes something does, and
leaves a line in the log. test_operating.py has what becomes of the clients."""

import concurrent.futures
import gzip
import http.client
import socket

import pytest

from parley_tests.admin_api import AdminApi
from parley_tests.certificates import Certificate
from parley_tests.relay import as_toml
from parley_tests.waiting import eventually


@pytest.fixture
def rooms(start_rooms):
    return start_rooms(classic_listen="127.0.0.1:0")


@pytest.fixture
def api(rooms):
    return AdminApi(rooms.relay)


def session_of(api):
    return api.get("/api/v1/sessions").json["sessions"][0]["id"]


GOOD_BODIES = {
    "drain": [None, {}, {"deadline_s": 3600}, {"deadline_s": 0.5}, {"deadline_s": None}],
    "setLogLevel": [{"level": "debug", "for_s": 600}, {"level": "info"}, {"level": "info", "for_s": None}],
}
NO_OBJECTS = [b"", b"{", b"[]", b"null", b"7", b'"x"', b"\xff\xfe", b"[" * 10_000, b"{}" * 2]


def test_every_operation_answers_as_documented(api, rooms):
    rooms.pair()
    rooms.wait()
    rooms.relay.wait_until_ready()
    ids = {"{id}": session_of(api)}
    # The end of the session comes last.
    for method, path, operation in sorted(api.operations(), key=lambda one: one[2]["operationId"] == "endSession"):
        for form, value in ids.items():
            path = path.replace(form, value)
        if operation["operationId"] == "events":
            continue  # has no end: test_events.py
        for body in GOOD_BODIES.get(operation["operationId"], [None]):
            assert api.call(method, path, body).status < 300, (method, path, body)
        if method == "GET":
            assert api.call("HEAD", path).status == 200
        if operation["operationId"] == "drain":
            assert api.delete(path).status == 204


def test_who_asks_for_gzip_is_given_it(rooms):
    def get(path, accepted):
        connection = http.client.HTTPConnection(*rooms.relay.admin, timeout=60)
        connection.request("GET", path, headers={"Accept-Encoding": accepted})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        assert response.status == 200 and int(response.getheader("Content-Length", len(body))) == len(body)
        return response.getheader("Content-Encoding"), body

    for path, begins in (("/metrics", b"# HELP"), ("/", b"<!doctype html>"), ("/api/v1/sessions", b'{"')):
        coding, body = get(path, "br, gzip;q=0.5")
        assert coding == "gzip" and gzip.decompress(body).startswith(begins)
        coding, plain = get(path, "gzip;q=0, identity")
        assert coding is None and plain.startswith(begins)
        assert path == "/api/v1/sessions" or 2 * len(body) < len(plain)
    events = http.client.HTTPConnection(*rooms.relay.admin, timeout=60)
    events.request("GET", "/api/v1/events", headers={"Accept-Encoding": "gzip"})
    response = events.getresponse()
    assert response.getheader("Content-Encoding") is None and response.readline().startswith(b"retry:")  # at once
    events.close()


def test_bad_bodies_change_nothing(api):
    json_type = {"Content-Type": "application/json"}
    for method, path, operation in api.operations():
        if "requestBody" not in operation:
            continue
        for body in NO_OBJECTS[1:] + ([b""] if operation["requestBody"]["required"] else []):
            assert api.call(method, path, body, headers=json_type).status == 400, body
        wrong = [{"deadline_s": -1}, {"deadline_s": "soon"}, {"deadline_s": 1e9}, {"level": "loud"}, {"level": None}]
        for body in [{"x": 1}, *wrong]:
            answer = api.call(method, path, body)
            assert answer.status == 400
            assert next(iter(body)) in answer.detail or "level" in answer.detail, answer.text
        assert api.call(method, path, b"{}", headers={"Content-Type": "text/plain"}).status == 415
        assert api.call(method, path, b"{}").status == 415
        assert api.call(method, path, b"{" + b" " * 70_000, headers=json_type, documented=False).status == 413
    assert api.get("/api/v1/status").json["state"] == "ready"
    assert api.get("/api/v1/log-level").json["level"] == "info"


def test_unknown_parameters_paths_and_methods(api):
    for method, path, operation in api.operations():
        path = path.replace("{id}", "0000000000000007")
        known = {parameter["name"] for parameter in operation.get("parameters", [])}
        if path.startswith("/api/"):
            answer = api.call(method, path, query={"wrong": "1"})
            assert answer.status == 400 and answer.detail.startswith("wrong:"), answer.text
        assert "wrong" not in known
        answer = api.call("PATCH", path, documented=False)
        assert answer.status == 405 and method in answer.headers["Allow"].split(", ")
        assert api.call(method, path + "/more", documented=False).status == 404
    wrong = [("limit", "0"), ("limit", "1001"), ("limit", "x"), ("cursor", "x"), ("state", "odd"), ("protocol", "")]
    for name, value in wrong:
        answer = api.get("/api/v1/sessions", query={name: value})
        assert answer.status == 400 and answer.detail.startswith(name + ":")
    for one in ("x", "7", "00000000000000zz", "0000000000000007"):
        assert api.get(f"/api/v1/sessions/{one}").status == 404
        assert api.delete(f"/api/v1/sessions/{one}").status == 404


def test_who_may(start_relay, tmp_path):
    token = tmp_path / "token"
    token.write_text("s3cret-s3cret-s3cret\n")
    token.chmod(0o600)
    relay = start_relay(admin_token_file=token)
    relay.wait_for_keys()
    stranger, operator = AdminApi(relay), AdminApi(relay, "s3cret-s3cret-s3cret")
    for method, path, operation in stranger.operations():
        path = path.replace("{id}", "0000000000000007")
        if operation.get("security") == [{}]:
            assert stranger.call(method, path).status == 200
        else:
            assert stranger.call(method, path).status == 401, path
            if method != "GET":
                assert operator.call(method, path, headers={"Origin": "https://evil.example"}).status == 403, path
    assert operator.post("/api/v1/keys/rotate").status == 200
    line, = eventually(lambda: relay.log_lines("admin call"), "logged")
    assert 'call="POST /api/v1/keys/rotate"' in line and "as=token" in line and "status=200" in line
    assert "s3cret" not in relay.log()


def test_pages_hold_each_session_once_while_others_come_and_go(api, rooms):
    staying = [rooms.pair() for _ in range(12)]
    names = {one["id"] for one in api.get("/api/v1/sessions").json["sessions"]}
    assert len(names) == len(staying)
    seen, cursor = [], None
    while True:
        page = api.get("/api/v1/sessions", query={"limit": 2} | ({"cursor": cursor} if cursor else {})).json
        seen += [one["id"] for one in page["sessions"]]
        first, second = rooms.pair()  # newer than what is still to come
        first.bye()
        second.close()
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) and names <= set(seen)


def test_slow_and_vanished_clients_hold_up_nothing(api, rooms):
    slow = []
    for _ in range(200):
        sock = socket.create_connection(rooms.relay.admin, timeout=60)
        sock.sendall(b"POST /api/v1/drain HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")
        slow.append(sock)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert [one.status for one in pool.map(api.get, ["/healthz", "/metrics"] * 4)] == [200] * 8
    rooms.assert_pairs_talk(rooms.pair())
    for sock in slow:
        sock.close()
    assert api.get("/api/v1/status").json["state"] == "ready"


def test_the_log_level_goes_back_by_itself(api, rooms):
    relay = rooms.relay
    level = api.put("/api/v1/log-level", {"level": "debug", "for_s": 1}).json
    assert level["level"] == "debug" and level["configured"] == "info" and level["until"]
    rooms.enter(room="x" * 3).close()
    usual = {"level": "info", "configured": "info", "until": None}
    eventually(lambda: api.get("/api/v1/log-level").json == usual, "it is back")
    eventually(lambda: relay.log_lines("admin call", "PUT /api/v1/log-level"), "logged")


def test_config_shows_every_option_and_no_secret(start_relay, tmp_path):
    config = tmp_path / "parley.toml"
    token = tmp_path / "token"
    token.write_text("s3cret-s3cret-s3cret")
    token.chmod(0o600)
    config.write_text(f"idle-timeout = \"2h\"\nadmin-token-file = {as_toml(token)}\n")
    relay = start_relay(config=config, env={"PARLEY_WAIT_TIMEOUT": "7m"})
    answer = AdminApi(relay, "s3cret-s3cret-s3cret").get("/api/v1/config")
    settings = {one["name"]: one for one in answer.json["settings"]}
    assert settings["idle-timeout"]["values"] == ["2h"]
    sources = {name: (settings[name]["source"], settings[name]["where"]) for name in settings}
    assert sources["idle-timeout"] == ("file", f"{config}:1")
    assert sources["wait-timeout"] == ("environment", "PARLEY_WAIT_TIMEOUT")
    assert sources["classic-listen"] == ("command line", "--classic-listen")
    assert sources["shards"] == ("default", None)
    assert settings["admin-token-file"]["values"] == [str(token)]
    assert "s3cret" not in answer.text


def test_keys_are_made_anew(start_relay):
    relay = start_relay(classic_keys="per-connection", classic_key_pool="2")
    relay.wait_for_keys(2)
    answer = AdminApi(relay).post("/api/v1/keys/rotate").json
    assert answer["keys"] == "per-connection" and answer["dropped"] >= 1
    relay.wait_for_keys(2)
    relay.assert_chat_works()


def test_a_reload_says_what_it_changed_or_why_it_did_not(start_relay, tmp_path):
    certificate = Certificate(tmp_path)
    config = tmp_path / "parley.toml"
    files = f"cert = {as_toml(certificate.certificate)}\nkey = {as_toml(certificate.key)}\n"
    config.write_text(files + 'relay-listen = ["127.0.0.1:0"]\n')
    relay = start_relay(config=config)
    api = AdminApi(relay)
    assert api.post("/api/v1/reload").json["changed"] == []
    before = api.get("/api/v1/status").json["certificate"]
    config.write_text(files + 'relay-listen = ["127.0.0.1:0"]\nidle-timeout = "2h"\nshards = 1\n')
    certificate.renew()
    answer = api.post("/api/v1/reload", {}).json
    assert {"cert", "idle-timeout"} <= set(answer["changed"]) and answer["needs_restart"] == ["shards"]
    assert answer["certificate"]["before"] == before
    after = answer["certificate"]["after"]
    assert after == api.get("/api/v1/status").json["certificate"] and after["fingerprint"] != before["fingerprint"]
    eventually(lambda: relay.log_lines("reloaded", before["fingerprint"], after["fingerprint"]), "logged")
    config.write_text(files + "idle-timeout = soon\n")
    answer = api.post("/api/v1/reload")
    assert answer.status == 422 and "parley.toml" in answer.detail
    config.write_text(files)
    certificate.certificate.write_text("-----BEGIN CERTIFICATE-----\n")
    answer = api.post("/api/v1/reload")
    assert answer.status == 422 and "cut off or damaged" in answer.detail
    assert api.get("/api/v1/status").json["certificate"] == after
    assert relay.metric("parley_reloads_total", result="failed") == 2
    calls = eventually(lambda: len(lines := relay.log_lines("admin call")) == 4 and lines, "each call is logged")
    assert [line.rpartition("status=")[2] for line in calls] == ["200", "200", "422", "422"]
