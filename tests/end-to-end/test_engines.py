"""Both RSA engines carry a chat, and the program says which one is at work."""

import pytest


@pytest.mark.parametrize("crypto_mb", ["auto", "off"])
def test_a_chat_with_each_engine(start_relay, crypto_mb):
    relay = start_relay(crypto_mb=crypto_mb)
    workers = relay.json("/api/v1/status")["workers"]
    if crypto_mb == "off":
        assert workers["engine"] == "openssl"
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
