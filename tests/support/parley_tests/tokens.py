"""parleyd's resume tokens, made from docs/relay-protocol.md alone."""

import base64
import hashlib
import hmac
import struct

PLACES = {"waiting": 0, "first": 1, "second": 2}


def token(key, room, session, place, expires, version=1):
    """`key` 32 bytes, `session` 16, `expires` in seconds since 1970."""
    fields = struct.pack(">B16sBQ", version, session, PLACES[place], expires)
    mac = hmac.new(key, b"parley relay/1 resume\0" + fields + room.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(fields + mac).decode().rstrip("=")


def fields_of(text):
    """(session, place, expires) of a token, unchecked."""
    _, session, place, expires = struct.unpack(">B16sBQ", base64.urlsafe_b64decode(text + "==")[:26])
    return session, list(PLACES)[place], expires
