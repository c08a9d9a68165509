"""One side of chat/1 in a room without a secret, written from docs/chat-protocol.md, that may break its rules."""

import base64
import enum
import json
import secrets

from .frames import Type

_HEADER_BYTES = 12


class Kind(enum.IntEnum):
    HELLO = 1
    TEXT = 2
    ACK = 3
    OFFER = 4
    ANSWER = 5
    CHUNK = 6
    DONE = 7
    TYPING = 8
    BYE = 9
    STREAM = 10
    NAME = 11
    COMPARING = 128
    STORED = 129


_NOT_NUMBERED = (Kind.HELLO, Kind.ACK, Kind.TYPING, Kind.NAME, Kind.COMPARING, Kind.STORED)


class ChatClient:
    """On a RelayClient that is paired. What it reads it acknowledges."""

    def __init__(self, room, **hello):
        """`hello`: more members of its HELLO."""
        self._room = room
        self._held = b""
        self._next = 1
        conversation = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
        self.send(Kind.HELLO, {"protocol": "chat/1", "conversation": conversation, "received": 0} | hello)
        kind, body = self.read()
        assert kind == Kind.HELLO
        self.features = json.loads(body).get("features", [])

    def send(self, kind, body=b""):
        if isinstance(body, dict):
            body = json.dumps(body).encode()
        sequence = 0
        if kind not in _NOT_NUMBERED:
            sequence, self._next = self._next, self._next + 1
        self._room.say(bytes([kind]) + len(body).to_bytes(3, "big") + sequence.to_bytes(8, "big") + body)

    def _exactly(self, count):
        while len(self._held) < count:
            self._held += self._room.hear()
        taken, self._held = self._held[:count], self._held[count:]
        return taken

    def read(self, acknowledges=True):
        """(Kind, body) of the next record."""
        header = self._exactly(_HEADER_BYTES)
        body = self._exactly(int.from_bytes(header[1:4], "big"))
        if acknowledges and int.from_bytes(header[4:], "big"):
            self._acknowledge(header[4:])
        return Kind(header[0]), body

    def _acknowledge(self, number):
        try:
            self.send(Kind.ACK, number)
        except OSError:
            pass  # the relay has closed the connection, as the other side has left

    def until(self, kind, **how):
        """The body of the next record of that kind."""
        while True:
            got, body = self.read(**how)
            if got == kind:
                return body

    def last_words(self):
        """The kinds of all records that still come before the relay says that the other side has left."""
        kinds = []
        while True:
            while len(self._held) >= _HEADER_BYTES + int.from_bytes(self._held[1:4], "big"):
                kinds.append(self.read()[0])
            kind, payload = self._room.read_frame()
            if kind == Type.PEER_LEFT:
                assert (payload["reason"], self._held) == ("closed", b"")
                return kinds
            assert kind == Type.DATA, kind
            self._held += payload
