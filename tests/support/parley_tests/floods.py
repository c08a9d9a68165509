"""Clients that send as much as the relay takes and read nothing."""

import itertools
import ssl
import time

from .waiting import PATIENCE


class Flood:
    """Sends `once`, then `again` and again, each in one piece, and reads nothing."""

    def __init__(self, client, once=b"", again=b""):
        self.client = client
        self._pieces = itertools.chain([once] if once else [], itertools.repeat(again) if again else [])
        self._rest = b""
        client.sock.setblocking(False)

    def send(self):
        """How much went out."""
        sent = 0
        try:
            while self._rest or (piece := next(self._pieces, b"")):
                self._rest = self._rest or piece
                count = self.client.sock.send(self._rest)
                self._rest = self._rest[count:]
                sent += count
        except (BlockingIOError, ssl.SSLWantWriteError):
            pass
        except (ConnectionError, ssl.SSLError):  # the relay knows how to help itself
            self._pieces, self._rest = iter(()), b""
        return sent


def until_nothing_more_goes(crowd, is_enough=lambda: False):
    """Returns when the relay has not taken a byte from any for a second, or it is enough."""
    last = time.monotonic()
    end = last + PATIENCE
    while time.monotonic() < min(last + 1, end) and not is_enough():
        if sum(flood.send() for flood in crowd):
            last = time.monotonic()
        time.sleep(0.02)
