"""parley's commands that meet in a room, by pipes and files, and a relay that may be killed below them."""

import base64
import hashlib
import secrets
import subprocess
import threading
from pathlib import Path

from . import processes, relay
from .output import Output
from .ports import lasting_port
from .rooms import RELAY_ALONE
from .waiting import eventually


def random22():
    """As the secrets of invites are, and rooms of one's own."""
    return base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")


def _new_room():
    """With the check that docs/chat-protocol.md has."""
    random = secrets.token_bytes(13)
    checked = random + hashlib.sha256(b"parley room" + random).digest()[:3]
    return base64.urlsafe_b64encode(checked).decode().rstrip("=")


def new_invite(pin, room=None, secret=None):
    """A function from an address to the invite for that relay, so that the two clients may come by different ways."""
    room, secret = room or _new_room(), secret or random22()
    return lambda address: f"parley://{address[0]}:{address[1]}/{room}?pin=sha256:{pin}#{secret}"


class Program:
    """`parley COMMAND…` of the user whose home `directory` is, or who has none; with an invite if there is one, which
    needs a directory. `stdin` is a file, or None for a pipe; `program` another parley than the build's."""

    def __init__(self, *command, invite=None, directory=None, stdin=None, launcher=(), program=None):
        self.invite_file = None
        if invite:
            self.invite_file = Path(directory) / f"invite-{secrets.token_hex(4)}"
            self.invite_file.touch(mode=0o600)
            self.invite_file.write_text(invite + "\n")
            command += ("--invite-file", str(self.invite_file))
        home = {"XDG_STATE_HOME": str(Path(directory).resolve() / "state")} if directory else {}
        self._stdout, self._stderr = Output(), Output()
        self._process = processes.start(
            [*launcher, program or processes.program("parley"), *command],
            stdin=stdin or subprocess.PIPE,
            stdout=self._stdout,
            stderr=self._stderr,
            env=processes.clean_environment(**home),
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

    def output(self):
        return self._stdout.data()

    def output_size(self):
        return self._stdout.size()

    def errors(self):
        return self._stderr.text()

    def hears(self, text):
        eventually(lambda: text.encode() in self.output(), lambda: f"{text!r}: {self.output()[-500:]} {self.errors()}")

    def is_running(self):
        return self._process.poll() is None

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
        if self.invite_file:
            self.invite_file.unlink(missing_ok=True)


def classic(address, *arguments):
    """`parley classic` that is patient: on a busy machine the relay's key may take longer than people would wait."""
    patience = () if "--timeout" in arguments else ("--timeout", "60s")
    return Program("classic", *patience, *arguments, "%s:%d" % address)


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
        self.address = self.relay.address_of("relay")
        self.deaths = 0

    def kill(self):
        self.relay.kill()
        self.deaths += 1

    def revive(self):
        self.relay = relay.Relay(**self._options | {"relay_listen": "%s:%d" % self.address})

    def close(self):
        self.relay.kill()
