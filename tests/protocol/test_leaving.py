"""A client may leave at any step: its partner sees the end, and the relay goes on."""

import pytest

from parley_tests import keys
from parley_tests.waiting import eventually


def after_connect(relay):
    return relay.wire()


def amid_the_key(relay):
    wire = relay.wire()
    wire.send(keys.public_key(keys.private_key()).save_pkcs1()[:120])
    wire.wait_until_read()
    return wire


def after_the_key(relay):
    wire = relay.client()
    relay.wait_for_lobby(1)
    return wire


def amid_a_block(relay):
    wire = after_the_key(relay)
    wire.send(wire.seal("unfinished")[:100])
    wire.wait_until_read()
    return wire


def after_a_block(relay):
    wire = after_the_key(relay)
    wire.say("nobody hears this")
    wire.wait_until_read()
    return wire


@pytest.mark.parametrize("leave", ["close", "reset"])
@pytest.mark.parametrize("step", [after_connect, amid_the_key, after_the_key, amid_a_block, after_a_block])
def test_leaving_with_nobody_there(relay, step, leave):
    wire = step(relay)
    getattr(wire, leave)()
    relay.wait_for_lobby(0)
    relay.assert_chat_works()


@pytest.mark.parametrize("leave, reason", [("close", "peer-closed"), ("reset", "peer-reset")])
@pytest.mark.parametrize("said", [None, 1, 100, 255], ids=lambda said: f"after-{said or 0}-bytes")
@pytest.mark.parametrize("leaver", ["first", "second"])
def test_leaving_a_session(relay, leave, reason, said, leaver):
    a, b = relay.pair()
    before = relay.metric("parley_session_ends_total", reason=reason)
    if leaver == "second":
        a, b = b, a
    if said:
        a.send(a.seal("unfinished")[:said])
        a.wait_until_read()
    getattr(a, leave)()
    assert b.clean_end() == b""
    relay.wait_for_sessions(0)
    eventually(
        lambda: relay.metric("parley_session_ends_total", reason=reason) == before + 1, f"it is counted as {reason}"
    )


def test_what_was_said_before_leaving_still_arrives(relay):
    a, b = relay.pair({"bits": 2048}, {"bits": 2048})
    messages = [f"before I go {number}" for number in range(50)]
    a.send(b"".join(a.seal(message) for message in messages))
    a.close()
    assert [b.hear() for _ in messages] == messages
    assert b.clean_end() == b""


def test_a_client_that_spoke_and_left_before_its_partner_came(relay):
    """It is not there any more, so nobody is paired with it."""
    wire = after_a_block(relay)
    wire.close()
    relay.wait_for_lobby(0)
    relay.assert_chat_works()


def test_both_leave_at_once(relay):
    for _ in range(10):
        a, b = relay.pair()
        a.say("x")
        b.say("y")
        a.close()
        b.close()
    relay.wait_for_sessions(0)
    relay.assert_chat_works()
