"""SIGTERM: no new sessions, the present ones may finish until the deadline."""

import signal
import socket
import time

import pytest

from parley_tests.frames import Type, frame
from parley_tests.waiting import eventually


def refuses_connections(address):
    try:
        with socket.create_connection(address, timeout=30) as sock:
            return sock.recv(1) == b""
    except (ConnectionRefusedError, ConnectionResetError):
        return True


def test_an_idle_relay_ends_at_once(start_relay):
    relay = start_relay()
    relay.assert_chat_works()
    relay.signal(signal.SIGTERM)
    assert relay.exit_status(timeout=20) == 0


def test_a_session_may_finish_while_nobody_new_comes_in(start_relay):
    relay = start_relay()
    a, b = relay.pair()
    assert relay.get("/readyz")[0] == 200
    a.say("before")
    assert b.hear() == "before"
    relay.signal(signal.SIGTERM)
    status, body = eventually(lambda: (found := relay.get("/readyz"))[0] == 503 and found, "not ready")
    assert "draining" in body
    assert relay.get("/healthz")[0] == 200
    assert relay.metric("parley_state", state="draining") == 1
    eventually(lambda: refuses_connections(relay.classic), "new connections are refused")
    for _ in range(3):
        a.say("during")
        assert b.hear() == "during"
        b.say("answer")
        assert a.hear() == "answer"
    assert relay.is_running()
    a.close()
    assert b.clean_end() == b""
    assert relay.exit_status(timeout=20) == 0


def test_who_waits_for_a_partner_is_sent_away(start_relay):
    relay = start_relay()
    waiting = relay.client()
    relay.wait_for_lobby(1)
    relay.signal(signal.SIGTERM)
    assert waiting.end() == b""
    assert relay.exit_status(timeout=20) == 0


def test_the_deadline_ends_what_is_left(start_relay):
    relay = start_relay(drain_timeout="700ms")
    a, b = relay.pair()
    a.say("x")
    assert b.hear() == "x"
    started = time.monotonic()
    relay.signal(signal.SIGTERM)
    assert a.clean_end() == b""
    assert b.clean_end() == b""
    assert time.monotonic() - started > 0.6
    assert relay.exit_status() == 0
    assert relay.log_lines("draining")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_second_signal_ends_it_at_once(start_relay, number):
    relay = start_relay(drain_timeout="10m")
    a, b = relay.pair()
    relay.signal(signal.SIGTERM)
    eventually(lambda: relay.get("/readyz")[0] == 503, "it drains")
    relay.signal(number)
    assert relay.exit_status(timeout=20) == 0
    assert a.end() == b""
    assert b.end() == b""


def test_sigint_drains_too(start_relay):
    relay = start_relay()
    relay.signal(signal.SIGINT)
    assert relay.exit_status(timeout=20) == 0


def test_the_drain_delay_keeps_the_listeners_open_a_while(start_relay):
    relay = start_relay(drain_delay="10m", drain_timeout="10m")
    relay.wait_until_ready()
    relay.signal(signal.SIGTERM)
    eventually(lambda: relay.get("/readyz")[0] == 503, "not ready")
    relay.assert_chat_works()
    relay.signal(signal.SIGTERM)
    assert relay.exit_status(timeout=20) == 0


def test_who_never_reads_does_not_hold_up_the_drain(start_relay):
    relay = start_relay(drain_timeout="700ms", classic_keys="shared")
    a, b = relay.pair({"bits": 512}, {"bits": 1024})
    a.sock.settimeout(1)
    try:
        while True:
            a.send(a.seal("never read") * 64)
    except TimeoutError:
        pass
    relay.signal(signal.SIGTERM)
    assert relay.exit_status() == 0


def test_a_silent_connection_does_not_hold_up_the_drain(start_relay):
    relay = start_relay(handshake_timeout="10m", drain_timeout="10m")
    silent = relay.wire()
    eventually(lambda: relay.metric("parley_connections") == 1, "it is there")
    relay.signal(signal.SIGTERM)
    assert relay.exit_status(timeout=20) == 0
    silent.close()


def test_a_silent_connection_is_sent_away_while_others_go_on(start_relay):
    relay = start_relay(handshake_timeout="10m", drain_timeout="10m")
    a, b = relay.pair()
    silent = relay.wire()
    eventually(lambda: relay.metric("parley_connections") == 3, "it is there")
    relay.signal(signal.SIGTERM)
    silent.end()
    a.say("still here")
    assert b.hear() == "still here"


def test_a_second_signal_waits_for_no_client_that_is_being_told(start_rooms):
    rooms = start_rooms(drain_timeout="10m")
    waiting = rooms.wait()
    rooms.relay.signal(signal.SIGTERM)
    assert waiting.expect(Type.ERROR)["code"] == "draining"
    # It does not close, and would be given a second to.
    rooms.relay.signal(signal.SIGTERM)
    assert rooms.relay.exit_status(timeout=20) == 0


def test_who_waits_and_never_reads_its_answers_does_not_hold_up_the_end(start_rooms):
    rooms = start_rooms(drain_timeout="300ms", write_timeout="none")
    waiting = rooms.wait()
    waiting.sock.settimeout(1)
    with pytest.raises(TimeoutError):
        while True:
            waiting.send_raw(frame(Type.PING, b"12345678") * 1000)
    rooms.relay.signal(signal.SIGTERM)
    assert rooms.relay.exit_status(timeout=20) == 0
