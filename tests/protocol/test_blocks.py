"""Blocks are exact lengths of a stream: how they were cut into segments makes no difference."""

import random

import pytest

from parley_tests.segments import cut


@pytest.fixture
def pair(relay):
    return relay.pair({"bits": 2048}, {"bits": 2048})


def test_blocks_split_at_every_byte(pair):
    a, b = pair
    for position in range(1, 256):
        a.send_in_segments(cut(a.seal(f"split at {position}"), position))
        assert b.hear() == f"split at {position}"


def test_a_block_one_byte_at_a_time(pair):
    a, b = pair
    a.send_in_segments([bytes([byte]) for byte in a.seal("slowly")])
    assert b.hear() == "slowly"


def test_blocks_joined_in_every_way(pair):
    a, b = pair
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    choose = random.Random(seed)
    for round_number in range(15):
        messages = [f"{round_number}.{number}" for number in range(choose.randrange(1, 40))]
        stream = b"".join(a.seal(message) for message in messages)
        borders = sorted(choose.sample(range(1, len(stream)), choose.randrange(0, 6)))
        a.send_in_segments(cut(stream, *borders))
        assert [b.hear() for _ in messages] == messages


def test_both_directions_at_any_time(pair):
    a, b = pair
    to_b, to_a = [f"to b {n}" for n in range(100)], [f"to a {n}" for n in range(100)]
    for one, other in zip(to_b, to_a):
        a.say(one)
        b.say(other)
    assert [b.hear() for _ in to_b] == to_b
    assert [a.hear() for _ in to_a] == to_a


@pytest.mark.parametrize("excess", [0, 1, None], ids=["the-modulus", "the-modulus-plus-one", "all-ones"])
def test_a_block_not_below_the_modulus_ends_the_session(relay, excess):
    a, b = relay.pair()
    before = relay.ended("bad-block")
    a.say("last words")
    assert b.hear() == "last words"
    number = 2**2048 - 1 if excess is None else a.relay_key.n + excess
    a.send(number.to_bytes(256, "big"))
    assert a.end() == b""
    assert b.clean_end() == b""
    relay.wait_for_ends("bad-block", before + 1)
    relay.assert_chat_works()


def test_a_partial_block_is_dropped_and_its_sender_counted_as_peer_closed(relay):
    a, b = relay.pair()
    before = relay.ended("peer-closed")
    a.say("whole")
    a.send(a.seal("never finished")[:200])
    a.wait_until_read()
    a.close()
    assert b.hear() == "whole"
    assert b.clean_end() == b""
    relay.wait_for_ends("peer-closed", before + 1)
