"""A client with a small key, which takes one recv() as one thing, is given one thing at a time."""

import time

import rsa


def burst(client, messages):
    client.send(b"".join(client.seal(message) for message in messages))


BURST = ["one", "two", "three", "four"]


def test_a_burst_of_four_to_a_client_that_reads_once_per_turn(relay):
    a, b = relay.originals()
    burst(a, BURST)
    for message in BURST:
        assert b.hear() == message  # fails when one recv gives two things
        b.say("got " + message)
    for message in BURST:
        assert a.hear() == "got " + message


def test_a_burst_to_a_client_that_only_reads(relay):
    a, b = relay.originals()
    burst(a, BURST)
    started = time.monotonic()
    assert [b.hear() for _ in BURST] == BURST
    # Three waits of 250 ms; the first read may itself have been late.
    assert time.monotonic() - started > 0.5


def test_nothing_waits_between_clients_that_take_turns(relay):
    a, b = relay.originals()
    a.say("warm up")
    b.hear()
    b.say("warm up")
    a.hear()
    started = time.monotonic()
    for _ in range(20):
        a.say("ping")
        b.hear()
        b.say("pong")
        a.hear()
    assert time.monotonic() - started < 40 * 0.250


def test_the_first_message_comes_apart_from_the_relay_key(relay):
    a = relay.original()
    a.say("early")
    relay.wait_for_lobby(1)
    for reads_first in (False, True):
        b = relay.original(reads_first=reads_first)  # fails when the key and a block come together
        assert b.hear() == "early"
        b.close()
        assert a.clean_end() == b""
        a = relay.original()
        a.say("early")
        relay.wait_for_lobby(1)


def test_the_last_words_of_a_client_that_left_are_paced_too(relay):
    a, b = relay.originals()
    burst(a, BURST)
    a.close()
    assert [b.hear() for _ in BURST] == BURST
    assert b.clean_end() == b""


def test_a_large_key_is_not_paced(relay):
    a, b = relay.pair({"bits": 512}, {"bits": 1024})
    messages = [str(number) for number in range(200)]
    started = time.monotonic()
    burst(a, messages)
    assert [b.hear() for _ in messages] == messages
    assert time.monotonic() - started < 199 * 0.250


def test_pace_always_paces_large_keys(start_relay):
    relay = start_relay(classic_pace="always")
    a, b = relay.pair({"bits": 2048}, {"bits": 2048})
    burst(a, BURST)
    started = time.monotonic()
    for message in BURST:
        thing = b.sock.recv(4096)
        assert rsa.decrypt(thing, b.private).decode() == message
    assert time.monotonic() - started > 0.5


def test_pace_never_paces_nothing(start_relay):
    relay = start_relay(classic_pace="never")
    a, b = relay.pair({"bits": 512}, {"bits": 512})
    messages = [str(number) for number in range(200)]
    started = time.monotonic()
    burst(a, messages)
    assert [b.hear() for _ in messages] == messages
    assert time.monotonic() - started < 199 * 0.250
