"""Who says nothing is ended at the deadline for it, with its reason counted."""

import time

import pytest

from parley_tests import keys
from parley_tests.waiting import eventually


@pytest.mark.parametrize("said", [0, 1, 100], ids=lambda said: f"{said}-bytes-of-key")
def test_no_key_within_the_handshake_deadline(start_relay, said):
    relay = start_relay(classic_keys="shared", handshake_timeout="400ms")
    relay.wait_for_keys()
    started = time.monotonic()
    wire = relay.wire()
    wire.read_key()
    wire.send(keys.public_key(keys.private_key()).save_pkcs1()[:said])
    assert wire.end() == b""
    assert time.monotonic() - started > 0.3
    relay.wait_for_ends("handshake-timeout", 1)


def test_a_key_that_comes_one_byte_at_a_time_does_not_move_the_deadline(start_relay):
    relay = start_relay(classic_keys="shared", handshake_timeout="2s")
    relay.wait_for_keys()
    wire = relay.wire()
    pem = keys.public_key(keys.private_key()).save_pkcs1()
    unsent = iter(pem[:-40])

    def drip():
        byte = next(unsent, None)
        assert byte is not None, "the relay waited for the whole key"
        try:
            wire.send(bytes([byte]))
        except (BrokenPipeError, ConnectionResetError):
            pass
        return relay.ended("handshake-timeout") == 1

    eventually(drip, "the slow sender is ended", pause=0.05)
    relay.assert_chat_works()


def test_a_finished_handshake_has_no_deadline_any_more(start_relay):
    relay = start_relay(classic_keys="shared", handshake_timeout="3s")
    relay.wait_for_keys()
    a = relay.client()
    relay.wait_for_lobby(1)
    slow = relay.wire()
    slow.read_key()
    assert slow.end() == b""  # came later than `a`, and its deadline has passed
    b = relay.client()
    a.say("still waiting")
    assert b.hear() == "still waiting"


def test_an_idle_session_ends_at_its_deadline(start_relay):
    relay = start_relay(classic_keys="shared", idle_timeout="3s")
    a, b = relay.pair()
    a.say("and then nothing")
    assert b.hear() == "and then nothing"
    assert a.clean_end() == b""
    assert b.clean_end() == b""
    relay.wait_for_ends("idle", 1)


def test_messages_either_way_keep_a_session_from_being_idle(start_relay):
    relay = start_relay(classic_keys="shared", idle_timeout="4s")
    a, b = relay.pair()
    started = time.monotonic()
    while time.monotonic() - started < 6:
        a.say("tick")
        assert b.hear() == "tick"
    b.say("tock")
    assert a.hear() == "tock"


def test_zero_switches_a_deadline_off(start_relay):
    relay = start_relay(classic_keys="shared", handshake_timeout="0", wait_timeout="none", idle_timeout="0")
    slow = relay.wire()
    slow.read_key()
    relay.assert_chat_works()
    slow.send(keys.public_key(keys.private_key()).save_pkcs1())
    relay.wait_for_lobby(1)
