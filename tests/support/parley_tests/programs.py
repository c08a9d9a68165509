"""parley's commands that meet in a room, by pipes and files, and a relay that may be killed below them."""

import base64
import os
import secrets
import subprocess
import tempfile
import threading
from pathlib import Path

from . import processes, relay
from .ports import lasting_port
from .rooms import RELAY_ALONE, address_of
from .waiting import eventually


def _random22():
    return base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")


def new_invite(pin, room=None, secret=None):
    """A function from an address to the invite for that relay, so that the two clients may come by different ways."""
    room, secret = room or _random22(), secret or _random22()
    return lambda address: f"parley://{address[0]}:{address[1]}/{room}?pin=sha256:{pin}#{secret}"


class Program:
    """`parley COMMAND…` of the user whose home `directory` is, with an invite if there is one; `stdin` is a file, or None
    for a pipe."""

    def __init__(self, *command, invite=None, directory, stdin=None, launcher=()):
        self._invite = Path(directory) / f"invite-{secrets.token_hex(4)}"
        if invite:
            self._invite.touch(mode=0o600)
            self._invite.write_text(invite + "\n")
            command += ("--invite-file", str(self._invite))
        self._stdout, self._stderr = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self._process = processes.start(
            [*launcher, processes.program("parley"), *command],
            stdin=stdin or subprocess.PIPE,
            stdout=self._stdout,
            stderr=self._stderr,
            env=processes.clean_environment(XDG_STATE_HOME=str(Path(directory).resolve() / "state")),
        )
        self.pid = self._process.pid
        self._feeder = None

    def feed(self, lines):
        """Writes these lines, in a thread, and then closes the input."""

        def write():
            try:
                with self._process.stdin as stdin:
                    for line in lines:
                        stdin.write(line.encode() + b"\n")
            except BrokenPipeError:
                pass  # it has ended, which its exit status tells

        self._feeder = threading.Thread(target=write, daemon=True)
        self._feeder.start()

    def type(self, line):
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def finish_input(self):
        self._process.stdin.close()

    @staticmethod
    def _read(file):
        return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)

    def output(self):
        return self._read(self._stdout)

    def output_size(self):
        return os.fstat(self._stdout.fileno()).st_size

    def errors(self):
        return self._read(self._stderr).decode(errors="replace")

    def hears(self, text):
        eventually(lambda: text.encode() in self.output(), lambda: f"{text!r}: {self.output()[-500:]} {self.errors()}")

    def is_running(self):
        return self._process.poll() is None

    @property
    def invite_file(self):
        return self._invite

    def signal(self, number):
        self._process.send_signal(number)

    def exit_status(self, timeout=60):
        return self._process.wait(timeout)

    def close(self):
        if self.is_running():
            self._process.kill()
            self._process.wait()
        if self._feeder:
            self._feeder.join(10)
        elif self._process.stdin and not self._process.stdin.closed:
            try:
                self._process.stdin.close()
            except BrokenPipeError:
                pass
        self._invite.unlink(missing_ok=True)


class MortalRelay:
    """A parleyd whose sessions outlive it: kill() and revive() at the same address."""

    def __init__(self, directory, certificate, **options):
        keys = Path(directory) / "token-keys"
        keys.touch(mode=0o600)
        keys.write_text(secrets.token_hex(32) + "\n")
        identity = {"cert": certificate.certificate, "key": certificate.key, "token_key_file": keys}
        listen = {"relay_listen": f"127.0.0.1:{lasting_port()}"}
        self._options = RELAY_ALONE | listen | identity | options
        self.pin = certificate.pin
        self.relay = relay.Relay(**self._options)
        self.address = address_of(self.relay)
        self.deaths = 0

    def kill(self):
        self.relay.kill()
        self.deaths += 1

    def revive(self):
        self.relay = relay.Relay(**self._options | {"relay_listen": "%s:%d" % self.address})

    def close(self):
        self.relay.kill()
