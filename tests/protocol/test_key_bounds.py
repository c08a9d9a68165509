"""A client's key that is none, or out of bounds, ends its connection as bad-key, and nobody else's."""

import pytest

from parley_tests import keys
from parley_tests.waiting import eventually

ODD_512 = keys.private_key(512).n


def odd(bits):
    return (1 << bits) - 159


BAD_KEYS = {
    "modulus-of-511-bits": keys.public_pem(odd(511), 65537),
    "modulus-of-8193-bits": keys.public_pem(odd(8193), 65537),
    "modulus-of-16384-bits": keys.public_pem(odd(16384), 65537),
    "even-modulus": keys.public_pem(ODD_512 - 1, 65537),
    "zero-modulus": keys.public_pem(0, 65537),
    "negative-modulus": keys.public_pem(-ODD_512, 65537),
    "exponent-0": keys.public_pem(ODD_512, 0),
    "exponent-1": keys.public_pem(ODD_512, 1),
    "exponent-2": keys.public_pem(ODD_512, 2),
    "even-exponent": keys.public_pem(ODD_512, 65536),
    "negative-exponent": keys.public_pem(ODD_512, -3),
    "exponent-above-32-bits": keys.public_pem(ODD_512, 2**32 + 1),
    "exponent-of-512-bits": keys.public_pem(ODD_512, ODD_512 - 2),
    "empty": keys.pem(b""),
    "not-der": keys.pem(b"this is not DER at all, but is as long as some key"),
    "der-cut-short": keys.pem(b"\x30\x48\x02\x41\x00\xb5"),
    "no-exponent": keys.pem(b"\x30\x03\x02\x01\x05"),
    "huge-length": keys.pem(b"\x30\x84\xff\xff\xff\xff\x02\x84\xff\xff\xff\xf0\x01"),
    "not-base64": b"-----BEGIN RSA PUBLIC KEY-----\n!!!!\x00\xff????\n-----END RSA PUBLIC KEY-----\n",
    "end-without-begin": b"-----END RSA PUBLIC KEY-----\n",
    "a-private-key": keys.private_key(512).save_pkcs1() + b"-----END RSA PUBLIC KEY-----\n",
    "too-long-without-end": b"-----BEGIN RSA PUBLIC KEY-----\n" + b"A" * 4100,
    "http": b"GET / HTTP/1.1\r\nHost: relay\r\n\r\n" + b"x" * 4096,
    "zeros": bytes(5000),
}


@pytest.mark.parametrize("name", BAD_KEYS)
def test_a_bad_key_is_refused_and_counted(relay, name):
    waiting = relay.client()
    relay.wait_for_lobby(1)
    before = relay.ended("bad-key")
    greeted = relay.metric("parley_handshake_seconds_count", protocol="classic")
    hostile = relay.wire()
    hostile.read_key()
    try:
        hostile.send(BAD_KEYS[name])
    except (BrokenPipeError, ConnectionResetError):
        pass
    assert hostile.end() == b""
    relay.wait_for_ends("bad-key", before + 1)
    assert relay.metric("parley_handshake_seconds_count", protocol="classic") == greeted
    # Who waited is still there, and is paired with the next good one.
    good = relay.client()
    good.say("hello")
    assert waiting.hear() == "hello"


@pytest.mark.parametrize("exponent", [3, 17, 65537, 2**32 - 1])
def test_any_odd_exponent_up_to_32_bits_is_taken(relay, exponent):
    wire = relay.wire()
    wire.read_key()
    wire.send(keys.public_pem(ODD_512, exponent))
    relay.wait_for_lobby(1)


def test_a_key_with_text_before_it_within_4096_bytes_does_not_hang(relay):
    """Taken or refused, but decided."""
    before = relay.ended("bad-key")
    wire = relay.wire()
    wire.read_key()
    wire.send(b"some words first\n" + keys.public_key(keys.private_key()).save_pkcs1())
    eventually(lambda: relay.metric("parley_lobby_legs") == 1 or relay.ended("bad-key") == before + 1)


def test_min_client_bits_raises_the_bar(start_relay):
    relay = start_relay(classic_keys="shared", classic_min_client_bits="1024")
    weak = relay.wire()
    weak.read_key()
    weak.send(keys.public_key(keys.private_key(512)).save_pkcs1())
    assert weak.end() == b""
    relay.wait_for_ends("bad-key", 1)
    a, b = relay.pair({"bits": 1024}, {"bits": 1024})
    a.say("strong enough")
    assert b.hear() == "strong enough"
