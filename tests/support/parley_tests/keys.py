"""RSA keys for the clients: made once, then used again and again, the large ones by every test run of this build."""

import base64
import fcntl
import functools
import itertools
import os
import subprocess

import rsa

from .processes import ROOT

_FOLDER = ROOT / "build" / "client-keys"
_POOL = 4


@functools.lru_cache(maxsize=None)
def _made(bits, index):
    if bits <= 512:
        return rsa.newkeys(bits)[1]  # as the original's client makes its own
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with open(os.open(_FOLDER / f"{bits}-{index}.pem", os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # of those that want the same key, one makes it
        if not (pem := file.read()):
            pem = subprocess.check_output(["openssl", "genrsa", "-traditional", str(bits)], stderr=subprocess.DEVNULL)
            file.write(pem)
        return rsa.PrivateKey.load_pkcs1(pem)


_turns = {}


def private_key(bits=512):
    """One of a few keys of that size, in turn."""
    turn = _turns.setdefault(bits, itertools.cycle(range(_POOL if bits <= 2048 else 1)))
    return _made(bits, next(turn))


def public_key(private):
    return rsa.PublicKey(private.n, private.e)


def public_pem(modulus, exponent):
    """PKCS#1 PEM of any two numbers, sensible or not."""
    return pem(_der(0x30, _der_integer(modulus) + _der_integer(exponent)))


def pem(der, label="RSA PUBLIC KEY"):
    text = base64.b64encode(der).decode()
    lines = [text[i : i + 64] for i in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode()


def _der(tag, content):
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(digits)]) + digits + content


def _der_integer(number):
    return _der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))
