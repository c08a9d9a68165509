"""A message longer than the partner's key can hold comes in several blocks, cut on character borders."""

import os

import pytest

BLOCK = 53  # bytes of a message under a 512-bit key


@pytest.fixture
def pair(start_relay):
    relay = start_relay(classic_pace="never", classic_keys="shared")
    return relay.pair({"bits": 512}, {"bits": 512})


def hear_all(client, size):
    pieces = []
    while sum(map(len, pieces)) < size:
        pieces.append(client.hear_bytes())
    return pieces


@pytest.mark.parametrize("size", [52, 53, 54, 105, 106, 107, 120, 159, 160, 245])
def test_ascii_fills_every_block(pair, size):
    a, b = pair
    message = (b"0123456789" * 25)[:size]
    a.say(message)
    pieces = hear_all(b, size)
    assert b"".join(pieces) == message
    assert [len(piece) for piece in pieces[:-1]] == [BLOCK] * (len(pieces) - 1)


@pytest.mark.parametrize("character", ["é", "☕", "🙂"], ids=["two-bytes", "three-bytes", "four-bytes"])
def test_no_character_is_cut_at_the_border(pair, character):
    a, b = pair
    for before in range(40, BLOCK + 5):
        message = "x" * before + character * 40
        message = message.encode()[:244].decode(errors="ignore")
        a.say(message)
        pieces = hear_all(b, len(message.encode()))
        assert "".join(piece.decode() for piece in pieces) == message
        assert all(len(piece) > BLOCK - 4 for piece in pieces[:-1])


@pytest.mark.parametrize(
    "message",
    [
        os.urandom(245),
        b"\xff" * 245,
        b"\x80" * 245,  # continuations of no character
        b"\xf0" * 245,  # beginnings with no end
        bytes(245),
        b"x" * 52 + b"\xf0\x9f",  # an unfinished character at the border
        b"x" * 52 + b"\xe2\x98" + b"x" * 100,
    ],
    ids=["random", "ff", "continuations", "beginnings", "zeros", "unfinished", "broken"],
)
def test_what_is_not_text_arrives_whole_all_the_same(pair, message):
    a, b = pair
    a.say(message)
    pieces = hear_all(b, len(message))
    assert b"".join(pieces) == message
    assert all(pieces)


def test_the_longest_message_of_the_relay_key_to_a_large_key_is_one_block(relay):
    a, b = relay.pair({"bits": 512}, {"bits": 2048})
    message = os.urandom(245)
    a.say(message)
    assert b.hear_bytes() == message
