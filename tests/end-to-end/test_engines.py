"""Both RSA engines carry a chat, and the program says which one is at work."""

import pytest


@pytest.mark.parametrize("crypto_mb", ["auto", "off"])
def test_a_chat_with_each_engine(start_relay, crypto_mb):
    relay = start_relay(crypto_mb=crypto_mb)
    workers = relay.json("/api/v1/status")["workers"]
    if crypto_mb == "off":
        assert workers["engine"] == "openssl"
    elif workers["engine"] != "crypto_mb":
        pytest.skip(f"no crypto_mb here: {workers['engine_detail']}")
    a, b = relay.pair({"bits": 2048}, {"bits": 2048})
    messages = [f"message {number}" for number in range(100)]
    a.send(b"".join(a.seal(message) for message in messages))
    assert [b.hear() for _ in messages] == messages
    assert relay.metric("parley_worker_operations_total") >= 100


@pytest.mark.parametrize("shards", ["1", "4"])
def test_any_number_of_shards(start_relay, shards):
    """With several, the two legs of a session may have come in on different ones."""
    relay = start_relay(shards=shards, workers="2", classic_keys="shared")
    for number in range(20):
        a, b = relay.pair()
        a.say(f"a {number}")
        b.say(f"b {number}")
        assert (a.hear(), b.hear()) == (f"b {number}", f"a {number}")


def test_rooms_whose_legs_came_in_on_different_shards(start_rooms):
    """Of twenty pairs among four shards: that all meet where they came in has a chance of one in 4 to the 20th."""
    rooms = start_rooms(shards="4")
    pairs = [rooms.pair() for _ in range(20)]
    rooms.assert_pairs_talk(*pairs)
    for first, second in pairs:
        second.lose()
        assert first.peer_left()["reason"] == "lost"
        again = rooms.back(second)
        assert again.pair()["resumed"] and first.pair()["resumed"]
        rooms.assert_pairs_talk((first, again))
