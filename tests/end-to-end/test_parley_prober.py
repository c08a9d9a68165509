"""`parley check --every`: round after round, and what it tells Prometheus, whatever happens to the relay, to who reads it
and to who asks."""

import fcntl
import hashlib
import json
import os
import re
import signal
import socket
import threading

import jsonschema
import pytest

from parley_tests import processes
from parley_tests.metrics import Metrics
from parley_tests.ports import lasting_port
from parley_tests.prober import Prober, get
from parley_tests.programs import Program
from parley_tests.prometheus import Prometheus
from parley_tests.waiting import eventually

SCHEMA = jsonschema.Draft202012Validator(
    json.loads((processes.ROOT / "docs" / "events.schema.json").read_text())
)


@pytest.fixture
def probe(clients):
    """probe(relay, ...): a prober that is at work."""

    def start(relay, *options, **more):
        prober = Prober(relay, *options, **more)
        clients.append(prober)
        eventually(lambda: prober.metrics().samples, prober.errors)
        return prober

    return start


@pytest.fixture
def events(double, clients):
    """What a prober of the test double tells programs, a function."""
    prober = Prober(double, "--json")
    clients.append(prober)

    def told():
        lines = prober.output().decode().rpartition("\n")[0].splitlines()
        events = [json.loads(line) for line in lines]
        for event in events:
            SCHEMA.validate(event)
        return events

    return told


def test_what_it_tells_of_a_relay_that_is_well(parleyd_rooms, probe):
    prober = probe(parleyd_rooms)
    prober.goes_on()
    metrics = prober.metrics()
    assert metrics.value("parley_probe_success") == 1
    for phase in ("lookup", "tcp", "tls", "pair", "echo", "resume"):
        assert metrics.value("parley_probe_duration_seconds", phase=phase) > 0, phase
    assert metrics.value("parley_probe_info", relay="%s:%d" % parleyd_rooms.address) == 1
    assert metrics.value("parley_probe_last_success_timestamp_seconds") > 1.7e9
    assert metrics.value("parley_probe_certificate_expiry_timestamp_seconds") > 1.7e9
    done = processes.run(["promtool", "check", "metrics"], input=metrics.text)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert prober.get("/healthz") == (200, "ok\n")
    assert "/metrics" in prober.get("/")[1] and "is well" in prober.get("/")[1]
    assert prober.get("/metrics", "HEAD") == (200, "")
    line = prober.output().decode().splitlines()[0]
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ 127\.0\.0\.1:\d+ is well: .*, resuming [\d.]+ ms$", line), line
    assert prober.errors() == f"parley: metrics at http://127.0.0.1:{prober.port}/metrics\n"


def test_it_leaves_nothing_in_the_relay(start_rooms, probe):
    rooms = start_rooms()
    prober = probe(rooms)
    prober.goes_on()
    prober.signal(signal.SIGTERM)
    assert prober.exit_status() == 0, prober.errors()
    eventually(lambda: rooms.relay.metric("parley_sessions") == 0, "no place is kept for it")
    assert rooms.relay.metric("parley_lobby_legs") == 0
    assert rooms.relay.metric("parley_resumptions_total", protocol="relay") >= 2


def test_a_relay_that_goes_away_and_comes_back(mortal_relay, probe):
    prober = probe(mortal_relay, timeout="10s")
    prober.goes_on()
    expiry = prober.value("probe_certificate_expiry_timestamp_seconds")
    mortal_relay.kill()
    prober.goes_on("failure")
    metrics = prober.metrics()
    assert metrics.value("parley_probe_success") == 0
    assert metrics.value("parley_probe_failures_total", reason="unreachable") >= 1
    assert metrics.value("parley_probe_last_success_timestamp_seconds") > 1.7e9
    assert metrics.value("parley_probe_certificate_expiry_timestamp_seconds") == expiry
    assert 'phase="tls"' not in metrics.text
    assert prober.get("/healthz")[0] == 200
    complaint = prober.errors().splitlines()[-1]
    assert re.match(r"parley: \S+Z 127\.0\.0\.1:\d+ is not well: ", complaint), complaint
    mortal_relay.revive()
    prober.goes_on()
    assert prober.value("probe_success") == 1


def test_another_relay_than_the_one_that_was_meant(double, probe):
    prober = probe(double, pin="sha256:" + "A" * 43)
    prober.goes_on("failure")
    assert prober.value("probe_failures_total", reason="wrong-pin") >= 2
    assert "in between" in prober.errors()


def test_a_relay_that_lets_no_message_through(double, probe):
    prober = probe(double, timeout="2s")
    prober.goes_on()
    for number in range(1, 8):
        double.command(f"drop first {double.data['first'] + number}")
    prober.goes_on("failure", 1)
    assert prober.value("probe_failures_total", reason="timeout") >= 1
    prober.goes_on()


def accepts_a_token(start_rooms, tmp_path):
    listed = tmp_path / "access"
    listed.write_text(hashlib.sha256(b"correct-horse").hexdigest() + " somebody\n")
    return start_rooms(access="token", access_file=listed)


def test_a_token_that_is_renewed_is_used(start_rooms, probe, tmp_path):
    token = tmp_path / "token"
    token.write_text("wrong\n")
    prober = probe(accepts_a_token(start_rooms, tmp_path), "--access-file", str(token))
    prober.goes_on("failure", 1)
    assert prober.value("probe_failures_total", reason="refused") >= 1
    renewed = tmp_path / "renewed"
    renewed.write_text("correct-horse\n")
    renewed.rename(token)
    prober.goes_on()


def test_a_token_from_a_pipe_lasts(start_rooms, probe, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    threading.Thread(target=fifo.write_text, args=("correct-horse\n",), daemon=True).start()
    probe(accepts_a_token(start_rooms, tmp_path), "--access-file", str(fifo)).goes_on()


def test_programs_are_told_of_each_round(double, events):
    eventually(lambda: len(events()) >= 2)
    assert [event["round"] for event in events()[:2]] == [1, 2]
    assert all(event["ok"] and event["resume_ms"] >= 0 for event in events())
    double.command("refuse unauthorized")
    eventually(lambda: [event for event in events() if event.get("cause") == "refused"], events)
    eventually(lambda: events()[-1]["ok"], events)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("relay_answers", [True, False])
def test_a_signal_ends_it_well(number, relay_answers, double, clients):
    if relay_answers:
        prober = Prober(double)
        clients.append(prober)
        prober.hears("is well")
        prober.signal(number)
        assert prober.exit_status() == 0, prober.errors()
        return
    with socket.create_server(("127.0.0.1", 0)) as silent:
        prober = Program("check", "127.0.0.1:%d" % silent.getsockname()[1], "--every", "1s", "--timeout", "1h")
        clients.append(prober)
        silent.accept()[0].recv(1)  # in the middle of a round
        prober.signal(number)
        assert prober.exit_status() == 0, prober.errors()


def test_a_port_that_is_taken(double):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        command = ["check", "%s:%d" % double.address, "--every", "1s", "--metrics", str(port)]
        done = processes.run([processes.program("parley"), *command])
        assert done.returncode == 1
        for words in (f"127.0.0.1:{port}", "Address already in use", "stop what uses it", "--metrics"):
            assert words in done.stderr
        told = json.loads(processes.run([processes.program("parley"), *command, "--json"]).stdout)
        SCHEMA.validate(told)
        assert (told["ok"], told["status"]) == (False, 1)


def test_clients_that_are_slow_hold_up_nothing(double, probe):
    """Those that say nothing, half a request, or do not read, of which there are more than it serves at a time."""
    prober = probe(double)
    slow = []
    for number in range(40):
        slow.append(socket.create_connection(("127.0.0.1", prober.port)))
        slow[-1].sendall([b"", b"GET /metr", b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"][number % 3])
    prober.goes_on()
    assert prober.get("/metrics")[0] == 200
    for client in slow:
        client.settimeout(60)
        try:
            while client.recv(4096):
                pass
        except ConnectionResetError:
            pass  # cut, with what it had said not read
        client.close()


def test_a_reader_that_stands_still_holds_up_nothing(double, clients):
    """Its pipe is full from the start: the lines are left out, and the rounds go on."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    os.write(writer, b"x" * 4096)
    port = lasting_port()
    where = ["%s:%d" % double.address, "--pin", double.pin]
    command = [processes.program("parley"), "check", *where, "--every", "1s", "--metrics", str(port)]
    process = processes.start(command, stdout=writer, stderr=-3)
    os.close(writer)
    try:
        def successes():
            try:
                return Metrics(get(port, "/metrics")[1]).value("parley_probes_total", result="success")
            except ConnectionRefusedError:
                return 0

        eventually(lambda: successes() >= 2)
        assert set(os.read(reader, 8192)) == {ord("x")}
        os.close(reader)
        before = successes()
        eventually(lambda: successes() >= before + 2, "a reader that is gone ends no metrics")
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()


def test_without_metrics_it_ends_with_its_reader(double):
    command = ["check", "%s:%d" % double.address, "--pin", double.pin, "--every", "1s"]
    reader, writer = os.pipe()
    process = processes.start([processes.program("parley"), *command], stdout=writer, stderr=-3)
    os.close(writer)
    assert b"is well" in os.read(reader, 8192)
    os.close(reader)
    assert process.wait(60) == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("--metrics 9100", "--metrics are of round after round: give --every TIME, too"),
        ("--every 0", "it has no unit"),
        ("--every 10ms", '"10ms" is less than 1s'),
        ("--every 1s --timeout none", "with --every a round has to end: give --timeout a time"),
        ("--every 1s --metrics :9100", "write PORT, for 127.0.0.1, or ADDRESS:PORT"),
        ("--every 1s --metrics 65536", "the port must be a number from 1 to 65535"),
        ("--every 1s --pin short", "bad pin"),
    ],
)
def test_mistakes(options, says):
    done = processes.run([processes.program("parley"), "check", "127.0.0.1:1", *options.split()])
    assert done.returncode == 2 and says in done.stderr, done.stderr


def test_a_real_prometheus_scrapes_it(double, probe, clients, tmp_path):
    prober = probe(double)
    prometheus = Prometheus(tmp_path, f"127.0.0.1:{prober.port}")
    clients.append(prometheus)
    prometheus.wait_for("parley_probe_success", 1)
    prometheus.wait_for("count(parley_probe_duration_seconds)", 6)
