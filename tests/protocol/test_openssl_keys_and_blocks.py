"""What the openssl command makes, the relay understands, and the other way round."""

import pytest

from parley_tests import openssl


def connect(relay, key):
    wire = relay.wire()
    pem = wire.read_key()
    wire.send(key.public_pem)
    return wire, pem


@pytest.mark.parametrize("bits", [512, 1024, 2048, 3072, 4096, 8192])
def test_keys_and_blocks_of_every_size(relay, tmp_path, bits):
    key = openssl.OpensslKey(tmp_path, bits)
    a, a_relay_key = connect(relay, key)
    relay.wait_for_lobby(1)
    b, _ = connect(relay, key)
    for message in [b"", "grüße".encode(), b"m" * 53]:
        a.send(openssl.seal(tmp_path, a_relay_key, message))
        assert key.open(b.read(bits // 8)) == message


def test_a_key_of_another_odd_size(relay, tmp_path):
    key = openssl.OpensslKey(tmp_path, 1031)
    a, a_relay_key = connect(relay, key)
    relay.wait_for_lobby(1)
    b, _ = connect(relay, key)
    a.send(openssl.seal(tmp_path, a_relay_key, b"129 bytes"))
    assert key.open(b.read(129)) == b"129 bytes"


def test_a_key_with_crlf_lines(relay, tmp_path):
    key = openssl.OpensslKey(tmp_path, 1024)
    key.public_pem = key.public_pem.replace(b"\n", b"\r\n")
    a, a_relay_key = connect(relay, key)
    relay.wait_for_lobby(1)
    b, b_relay_key = connect(relay, key)
    a.send(openssl.seal(tmp_path, a_relay_key, b"there"))
    b.send(openssl.seal(tmp_path, b_relay_key, b"back"))
    assert key.open(b.read(128)) == b"there"
    assert key.open(a.read(128)) == b"back"
