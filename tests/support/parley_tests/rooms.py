"""Clients of one relay/1 relay, each pair in a room of its own."""

import itertools

from .relay_client import RelayClient

_numbers = itertools.count()

# For a relay that is to speak relay/1 alone.
RELAY_ALONE = {"classic_listen": "none", "relay_listen": "127.0.0.1:0"}


class Rooms:
    """`relay` is what runs it, if that is parleyd; `opened` is whatever closes its clients."""

    def __init__(self, address, pin, opened, relay=None):
        self.address, self.pin, self.relay = address, pin, relay
        self._opened = opened

    def connect(self, **options):
        client = RelayClient(self.address, pin=self.pin, **options)
        self._opened.append(client)
        return client

    def new_room(self):
        return f"room-{next(_numbers)}"

    def enter(self, room=None, **hello):
        client = self.connect()
        client.room = room or self.new_room()
        return client.hello(client.room, **hello)

    def wait(self, room=None, **hello):
        """A client that waits in a room."""
        client = self.enter(room, **hello)
        client.wait()
        return client

    def pair(self, room=None, **hello):
        """Two clients in one session, `first` and `second`."""
        first = self.wait(room, **hello)
        second = self.enter(first.room, **hello)
        for client in (first, second):
            client.pair()
        return first, second

    def back(self, client):
        """A new connection that asks for the client's place."""
        return self.enter(client.room, resume=client.newest)

    def refused(self, room=None, **hello):
        """The code with which such a HELLO is refused."""
        return self.enter(room, **hello).error()

    def assert_pairs_talk(self, *pairs):
        """Those that are there, or newcomers, hear each other."""
        for first, second in pairs or [self.pair()]:
            first.say(b"question")
            assert second.hear() == b"question"
            second.say(b"answer")
            assert first.hear() == b"answer"
