"""Who waits for whom: by order of arrival, and only who is really there."""

import time

import pytest

from parley_tests import keys


def test_clients_are_paired_in_the_order_in_which_they_came(relay):
    first = [relay.client()]
    relay.wait_for_lobby(1)
    first.append(relay.client())
    relay.wait_for_sessions(1)
    second = [relay.client()]
    relay.wait_for_lobby(1)
    second.append(relay.client())
    relay.wait_for_sessions(2)
    for a, b in (first, second):
        a.say("you are mine")
        assert b.hear() == "you are mine"


def test_a_waiting_client_that_left_is_not_paired(relay):
    gone = relay.client()
    gone.say("never heard")
    relay.wait_for_lobby(1)
    gone.close()
    relay.wait_for_lobby(0)
    relay.assert_chat_works()


def test_a_waiting_client_that_was_reset_is_not_paired(relay):
    gone = relay.client()
    relay.wait_for_lobby(1)
    gone.reset()
    relay.wait_for_lobby(0)
    relay.assert_chat_works()


def test_a_waiting_client_that_said_more_than_is_held_and_left_is_not_paired(start_relay):
    relay = start_relay(classic_keys="shared", buffer_limit="4K")
    gone = relay.client()
    gone.send(gone.seal("too much") * 400)
    relay.wait_for_lobby(1)
    gone.reset()
    relay.wait_for_lobby(0)
    relay.assert_chat_works()


def test_port_scans_and_health_checks_are_never_paired(relay):
    a = relay.client()
    relay.wait_for_lobby(1)
    for vanish in ("close", "reset"):
        scan = relay.wire()
        getattr(scan, vanish)()
    silent = relay.wire()
    silent.read_key()
    halfway = relay.wire()
    halfway.send(keys.public_key(keys.private_key()).save_pkcs1()[:100])
    halfway.wait_until_read()
    b = relay.client()
    a.say("just us")
    assert b.hear() == "just us"
    halfway.close()
    silent.close()
    b.say("still us")
    assert a.hear() == "still us"


def test_scans_do_not_use_up_the_keys(fresh_key_relay):
    """A key whose client has said nothing goes back to the pool."""
    relay = fresh_key_relay
    relay.assert_chat_works()
    seen = set()
    for _ in range(40):
        scan = relay.wire()
        seen.add(scan.read_key())
        scan.close()
    assert len(seen) < 30


def test_a_key_whose_client_has_sent_its_own_is_given_to_nobody_else(fresh_key_relay):
    """What was sealed under it, and recorded, may never have arrived."""
    relay = fresh_key_relay
    relay.assert_chat_works()
    own = keys.public_key(keys.private_key()).save_pkcs1()
    seen = set()
    for _ in range(20):
        wire = relay.wire()
        key = wire.read_key()
        assert key not in seen
        seen.add(key)
        wire.send(own)
        wire.wait_until_read()
        wire.close()


def test_what_a_waiting_client_says_is_held_and_beyond_the_limit_not_read(start_relay):
    relay = start_relay(classic_keys="shared", buffer_limit="4K")
    a = relay.client(bits=2048)
    messages = [f"early {number}" for number in range(300)]
    a.send(b"".join(a.seal(message) for message in messages))
    relay.wait_for_lobby(1)
    assert relay.metric("parley_buffered_bytes") <= 2 * 4 * 1024
    b = relay.client(bits=2048)
    assert [b.hear() for _ in messages] == messages
    b.say("I am late")
    assert a.hear() == "I am late"


def test_who_waited_in_vain_is_reset_if_it_has_said_something(start_relay):
    """Or it would think that somebody had come, heard it, and gone."""
    relay = start_relay(classic_keys="shared", wait_timeout="1s")
    assert relay.client().clean_end() == b""
    talks = relay.client()
    talks.say("is anybody there?")
    with pytest.raises(ConnectionResetError):
        talks.clean_end()
    relay.wait_for_ends("waited-too-long", 2)


def test_waiting_ends_at_its_deadline(start_relay):
    relay = start_relay(classic_keys="shared", wait_timeout="2s")
    started = time.monotonic()
    assert relay.client().end() == b""
    assert time.monotonic() - started > 1.9
    relay.wait_for_ends("waited-too-long", 1)
    relay.assert_chat_works()
