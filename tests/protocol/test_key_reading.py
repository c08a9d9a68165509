"""The relay takes a client's key however it was cut into segments."""

import random

import pytest

from parley_tests import keys
from parley_tests.clients import BlockClient
from parley_tests.segments import cut


class KeyInSegments(BlockClient):
    """Sends its key in the given pieces."""

    def __init__(self, address, pieces_of, **options):
        self._pieces_of = pieces_of
        super().__init__(address, **options)

    def send_own_key(self):
        self.send_in_segments(self._pieces_of(self.public.save_pkcs1()))


def connect(relay, clients, pieces_of):
    client = KeyInSegments(relay.classic, pieces_of, bits=512)
    clients.append(client)
    return client


def assert_session(a, b):
    # Who has spoken is not paced.
    a.say("to b")
    b.say("to a")
    assert b.hear() == "to b"
    assert a.hear() == "to a"


def key_size():
    return len(keys.public_key(keys.private_key()).save_pkcs1())


def test_keys_split_at_every_byte(relay, clients):
    for position in range(1, key_size()):
        a = connect(relay, clients, lambda pem: cut(pem, position))
        b = connect(relay, clients, lambda pem: cut(pem, len(pem) - position))
        assert_session(a, b)
        a.close()
        b.close()


def test_keys_one_byte_at_a_time(relay, clients):
    a = connect(relay, clients, lambda pem: [bytes([byte]) for byte in pem])
    b = connect(relay, clients, lambda pem: [bytes([byte]) for byte in pem.replace(b"\n", b"\r\n")])
    assert_session(a, b)


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["lf", "crlf"])
def test_a_key_joined_with_the_first_block(relay, line_end):
    a = relay.original()
    relay.wait_for_lobby(1)
    b = relay.wire()
    client = as_client_without_key_sent(b)
    b.send(client.public.save_pkcs1().replace(b"\n", line_end) + client.seal("first") + client.seal("second"))
    assert a.hear() == "first"
    assert a.hear() == "second"


def as_client_without_key_sent(wire):
    """A client on a connection over which nothing has been sent yet: the relay's key has been read."""
    client = BlockClient.__new__(BlockClient)
    client.sock = wire.sock
    client.private = keys.private_key()
    client.public = keys.public_key(client.private)
    client.take_relay_key(wire.read_key())
    return client


def block_that_begins_with(client, message, first_bytes):
    """Padding is random: one block in 128 begins with one of two bytes."""
    while (block := client.seal(message))[0] not in first_bytes:
        pass
    return block


def block_without_line_end_in_front(client, message):
    while (block := client.seal(message))[0] in b"\r\n":
        pass
    return block


@pytest.mark.parametrize(
    "segments",
    [
        ["KEY", "\n", "BLOCK"],
        ["KEY", "\nBLOCK"],
        ["KEY\n", "BLOCK"],
        ["KEY", "\r\n", "BLOCK"],
        ["KEY", "\r", "\n", "BLOCK"],
        ["KEY", "\r", "\nBLOCK"],
        ["KEY\r", "\nBLOCK"],
        ["KEY\r\n", "BLOCK"],
        ["KEY", "BLOCK"],
        ["KEYBLOCK"],
    ],
    ids=lambda segments: "|".join(segments).replace("\r", "CR").replace("\n", "LF"),
)
def test_the_line_end_after_the_key_may_come_in_a_later_segment_or_not_at_all(relay, segments):
    a = relay.client()
    relay.wait_for_lobby(1)
    wire = relay.wire()
    b = as_client_without_key_sent(wire)
    parts = {"KEY": b.public.save_pkcs1().rstrip(b"\n"), "BLOCK": block_without_line_end_in_front(b, "first")}

    def as_bytes(segment):
        data = segment.encode()
        for name, part in parts.items():
            data = data.replace(name.encode(), part)
        return data

    wire.send_in_segments([as_bytes(segment) for segment in segments])
    assert a.hear() == "first"
    b.say("second")
    assert a.hear() == "second"
    a.say("answer")
    assert b.hear() == "answer"


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["lf", "crlf"])
def test_a_block_that_begins_like_a_line_end_is_kept_whole(relay, line_end):
    a = relay.client()
    relay.wait_for_lobby(1)
    wire = relay.wire()
    b = as_client_without_key_sent(wire)
    block = block_that_begins_with(b, "first", b"\r\n")
    wire.send_in_segments([b.public.save_pkcs1().rstrip(b"\n") + line_end, block])
    assert a.hear() == "first"


def test_the_key_is_used_at_its_end_line(relay):
    """A client whose line end never came yet is paired, and hears its partner."""
    wire = relay.wire()
    a = as_client_without_key_sent(wire)
    wire.send(a.public.save_pkcs1().rstrip(b"\n"))
    relay.wait_for_lobby(1)
    b = relay.client()
    b.say("hello")
    assert a.hear() == "hello"
    wire.send(b"\n" + a.seal("at last"))
    assert b.hear() == "at last"


def test_a_key_and_blocks_in_random_pieces(relay):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    choose = random.Random(seed)
    for _ in range(20):
        a = relay.client(bits=2048)
        relay.wait_for_lobby(1)
        wire = relay.wire()
        b = as_client_without_key_sent(wire)
        messages = [f"message {number}" for number in range(4)]
        stream = b.public.save_pkcs1() + b"".join(b.seal(message) for message in messages)
        borders = sorted(choose.sample(range(1, len(stream)), choose.randrange(1, 8)))
        wire.send_in_segments(cut(stream, *borders))
        assert [a.hear() for _ in messages] == messages
        a.close()
        wire.close()
