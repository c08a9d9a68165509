"""Each connection has a key of the relay's of its own, or all share one, as configured."""

from parley_tests.waiting import eventually


def test_each_connection_has_its_own_key(fresh_key_relay):
    relay = fresh_key_relay
    a, b = relay.pair()
    c, d = relay.pair()
    assert len({client.relay_pem for client in (a, b, c, d)}) == 4


def test_a_key_under_which_something_was_said_is_never_used_again(fresh_key_relay):
    relay = fresh_key_relay
    used = set()
    for _ in range(6):
        a, b = relay.pair()
        assert not {a.relay_pem, b.relay_pem} & used
        a.say("x")
        b.hear()
        b.say("y")
        a.hear()
        used |= {a.relay_pem, b.relay_pem}
        a.close()
        b.close()
        relay.wait_for_sessions(0)


def test_a_block_for_another_connection_is_not_understood(fresh_key_relay):
    relay = fresh_key_relay
    a, b = relay.pair({"bits": 2048}, {"bits": 2048})
    c, d = relay.pair({"bits": 2048}, {"bits": 2048})
    recorded = c.seal("secret")
    c.send(recorded)
    assert d.hear() == "secret"
    if int.from_bytes(recorded, "big") < a.relay_key.n:
        a.send(recorded)
        assert b.hear_bytes() != b"secret"


def test_shared_mode_has_one_key_for_everybody(start_relay):
    relay = start_relay(classic_keys="shared")
    a, b = relay.pair()
    c, d = relay.pair()
    assert len({client.relay_pem for client in (a, b, c, d)}) == 1
    a.say("x")
    assert b.hear() == "x"


def test_the_shared_key_is_replaced_and_sessions_keep_theirs(start_relay):
    relay = start_relay(classic_keys="shared", classic_key_lifetime="1s")
    a, b = relay.pair()

    def key_now():
        wire = relay.wire()
        try:
            return wire.read_key()
        finally:
            wire.close()

    eventually(lambda: key_now() != a.relay_pem, "a new shared key")
    a.say("under the old key")
    assert b.hear() == "under the old key"
    relay.assert_chat_works()


def test_key_bits_are_configurable(start_relay):
    relay = start_relay(classic_keys="per-connection", classic_key_bits="3072", classic_key_pool="2")
    a, b = relay.pair({"bits": 2048}, {"bits": 2048})
    assert a.relay_key.n.bit_length() == 3072
    message = "x" * (384 - 11)
    a.say(message)
    assert b.hear_bytes() + b.hear_bytes() == message.encode()
