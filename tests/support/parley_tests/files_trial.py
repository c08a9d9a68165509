"""A large file and a folder of many, sent whole and then again with everything killed once."""

import time
from pathlib import Path

from .programs import MortalRelay, new_invite
from .transfers import Receiving, Sending, ended, events, make_file, make_folder, received_bytes, said, tree_digest
from .waiting import eventually

_PATIENCE = 1800  # seconds for one of the transfers


class Run:
    """One transfer of a folder; `kills` of: receiver, sender, relay, evenly over it."""

    def __init__(self, directory, certificate, source, kills=()):
        self._directory, self._source = Path(directory), source
        self._relay = MortalRelay(directory, certificate)
        self._invite = new_invite(self._relay.pin)
        self.into = self._directory / "in"
        self.into.mkdir()
        self.size = received_bytes(source)
        begin = time.monotonic()
        try:
            self._send()
            self._receive()
            for number, who in enumerate(kills, 1):
                self._until(self.size * number // (len(kills) + 1))
                getattr(self, f"_kill_{who}")()
            self.statuses = ended(self._sender, self._receiver, timeout=_PATIENCE)
            self.seconds = time.monotonic() - begin
            self.said = said(self._sender, self._receiver)
            self.moved = events(self._sender)[-1]["bytes_moved"]
            self.progress = sum(event["event"] == "progress" for event in events(self._receiver))
            self.digest = tree_digest(self.into / source.name)
        finally:
            for one in (self._sender, self._receiver, self._relay):
                one.close()

    def _meeting(self):
        return {"invite": self._invite(self._relay.address), "directory": self._directory}

    def _send(self):
        self._sender = Sending(self._source, **self._meeting())

    def _receive(self):
        self._receiver = Receiving(self.into, **self._meeting())

    def _until(self, size):
        def there():
            return received_bytes(self.into) >= size or not self._sender.is_running()

        eventually(there, lambda: said(self._sender, self._receiver), timeout=_PATIENCE)

    def _kill_receiver(self):
        self._receiver.close()
        self._receive()

    def _kill_sender(self):
        self._sender.close()
        self._send()

    def _kill_relay(self):
        self._relay.kill()
        self._relay.revive()

    def good(self, digest):
        return self.statuses == [0, 0] and self.digest == digest


def run(directory, certificate, size, files, report):
    """True when every transfer ended right."""
    directory = Path(directory)
    make_file(directory / "large" / "large.bin", size)
    make_folder(directory / "many", files, (100, 50_000))
    good = True
    for source in (directory / "large", directory / "many"):
        digest = tree_digest(source)
        report(f"{source.name}: {received_bytes(source):,} bytes, digest {digest}")
        for name, kills in (("whole", ()), ("killed", ("receiver", "sender", "relay"))):
            place = directory / f"{source.name}-{name}"
            place.mkdir()
            done = Run(place, certificate, source, kills)
            good = good and done.good(digest)
            report(
                f"  {name}: {'right' if done.good(digest) else 'WRONG'}, digest {done.digest}, {done.seconds:.1f} s, "
                f"{done.size / done.seconds / 1e6:.0f} MB/s, {done.progress} lines of progress"
                + (f"; the last sender moved {done.moved:,} bytes" if kills else "")
            )
            if not done.good(digest):
                report(done.said)
    return good
