"""relay/1's frames, as docs/relay-protocol.md has them."""

import json
from enum import IntEnum

HEADER_BYTES = 1 + 3  # type, length of the payload
MAX_PAYLOAD = 16380
MAX_JSON = 4096
FIRST_LATER_TYPE = 0x80  # from here on: of later versions, to be skipped


class Type(IntEnum):
    HELLO = 1
    WAITING = 2
    PAIRED = 3
    DATA = 4
    PEER_LEFT = 5
    ERROR = 6
    PING = 7
    PONG = 8
    GOAWAY = 9
    BYE = 10
    READY = 11


def frame(kind, payload=b""):
    """A payload that is not bytes goes out as JSON."""
    if not isinstance(payload, (bytes, bytearray)):
        payload = json.dumps(payload, separators=(",", ":")).encode()
    return bytes([kind]) + len(payload).to_bytes(3, "big") + payload


def header(data):
    """(type, length) of a header's four bytes."""
    return data[0], int.from_bytes(data[1:4], "big")
