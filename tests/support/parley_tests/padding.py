"""Blocks under a relay's key whose padding is good, or bad in each of the ways that an attacker tries."""

import os


def _nonzero(count):
    return bytes(1 + b % 255 for b in os.urandom(count))


def raw_block(public, padded):
    """padded^e mod n, whatever `padded` holds."""
    k = (public.n.bit_length() + 7) // 8
    assert len(padded) == k
    number = int.from_bytes(padded, "big")
    assert number < public.n
    return pow(number, public.e, public.n).to_bytes(k, "big")


def padded_good(k, message):
    return b"\0\2" + _nonzero(k - 3 - len(message)) + b"\0" + message


# name: how the bytes under the block look, for a modulus of k bytes
BAD_PADDINGS = {
    "first-byte-not-zero": lambda k: b"\1\2" + _nonzero(k - 13) + b"\0" + b"ten bytes!",
    "type-not-two": lambda k: b"\0\1" + _nonzero(k - 13) + b"\0" + b"ten bytes!",
    "zero-in-the-first-eight": lambda k: b"\0\2" + _nonzero(4) + b"\0" + _nonzero(k - 7),
    "no-separator": lambda k: b"\0\2" + _nonzero(k - 2),
    "all-zero": lambda k: bytes(k),
}


def bad_block(public, kind):
    k = (public.n.bit_length() + 7) // 8
    return raw_block(public, BAD_PADDINGS[kind](k))
