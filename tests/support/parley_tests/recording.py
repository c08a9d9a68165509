"""What `parley` shows in two terminals of 80 columns and 24 rows, moment by moment, as text."""

import re
import signal
from pathlib import Path

from .programs import MortalRelay
from .terminal import Terminal
from .transfers import make_file

COLUMNS = 80
_PROMPT = 'cd "$1" && printf "%s$ parley %s\\n" "$2" "$3" && shift 3 && exec "$@"'
_RATE = "4M"  # so slow that there is something to be seen
_SIZE = 24_000_000
_NAME = "relay.example.org"


class Recording:
    """alice and bob, each with a relay and a name set for good, and what their screens show at the moments that were
    asked for."""

    def __init__(self, directory, certificate):
        self._directory = Path(directory)
        self._relay = MortalRelay(directory, certificate, byte_rate_per_connection=_RATE)
        self._open = []
        self.moments = []  # (what happens, {who: rows})

    def run(self, who, *arguments):
        home = self._directory / who
        home.mkdir(exist_ok=True)
        said = " ".join(arguments)
        if (invite := arguments[-1]).startswith("parley://"):
            said = said.replace(invite, f"'{invite}'")
        settings = {"PARLEY_RELAY": "%s:%d" % self._relay.address, "PARLEY_PIN": "sha256:" + self._relay.pin}
        terminal = Terminal(
            *arguments,
            env=settings
            | {"PARLEY_NAME": who, "HOME": str(home), "TERM": "xterm-256color", "NO_COLOR": "1", "LC_ALL": "C.UTF-8"},
            columns=COLUMNS,
            launcher=("sh", "-c", _PROMPT, "sh", str(home), who, said),
        )
        terminal.who = who
        self._open.append(terminal)
        return terminal

    def moment(self, what, *terminals):
        self.moments.append((what, {one.who: self._as_anywhere(one.rows) for one in terminals}))

    def _as_anywhere(self, rows):
        """Folders and invites are others each time, and may have gone on in the row below."""
        text = "".join(row if len(row) == COLUMNS else row + "\n" for row in rows).rstrip("\n")
        text = text.replace(str(self._directory), "/home")
        return re.sub(r"parley://[\w.:/?=&#-]+", f"parley://{_NAME}/…", text).split("\n")

    def end(self):
        for terminal in self._open:
            terminal.close()
        self._open.clear()

    def close(self):
        self.end()
        self._relay.close()

    # The scenes.

    def _transfer(self):
        photos = self._directory / "alice" / "photos"
        for number, name in enumerate(("beach.jpg", "harbour.jpg", "dunes.jpg")):
            make_file(photos / name, _SIZE // 3, seed=number)
        alice = self.run("alice", "send", "photos")
        invite = alice.sees_like(r"parley receive '(parley://[^']+)'").group(1)
        alice.shows("waiting for the other side")
        bob = self.run("bob", "receive")
        bob.shows("Invite")
        bob.type(invite + "\r")
        bob.shows("Take it")
        return alice, bob

    def files(self):
        alice, bob = self._transfer()
        alice.shows("waiting for an answer")
        self.moment("bob is asked", alice, bob)
        bob.type("\r")
        for one in (alice, bob):
            one.shows(r"[3-9]\d% .*MB/s")
        self.moment("on the way", alice, bob)
        for one in (alice, bob):
            assert one.exit_status() == 0, one.rows
        self.moment("all is there", alice, bob)

    def stall(self):
        alice, bob = self._transfer()
        bob.type("\r")
        alice.shows(r"[2-9]\d% ")
        self._relay.relay.signal(signal.SIGSTOP)
        for one in (alice, bob):
            one.shows("stalled")
        self.moment("the relay's machine hangs", alice, bob)
        self._relay.relay.signal(signal.SIGCONT)
        for one in (alice, bob):
            one.shows(r"[3-9]\d% .*MB/s")
        self.moment("and goes on", alice, bob)

    def restart(self):
        alice, bob = self._transfer()
        bob.type("\r")
        alice.shows(r"[2-9]\d% ")
        self._relay.kill()
        for one in (alice, bob):
            one.shows("again in")
        self.moment("the relay is stopped", alice, bob)
        self._relay.revive()
        for one in (alice, bob):
            one.shows(r"[3-9]\d% .*MB/s")
        self.moment("and started again", alice, bob)
        for one in (alice, bob):
            assert one.exit_status() == 0, one.rows
        self.moment("all is there", alice, bob)

    def chat(self):
        alice = self.run("alice", "chat")
        invite = alice.sees_like(r"parley chat '(parley://[^']+)'").group(1)
        bob = self.run("bob", "chat", invite)
        for one in (alice, bob):
            one.shows("^connected with")
        bob.type("how do I see whether it runs?\r")
        alice.shows("whether it runs")
        alice.paste("if pgrep -x parleyd; then\n  curl localhost:8080/healthz\nfi")
        alice.shows("^     fi$")
        self.moment("alice has pasted three lines", alice, bob)
        alice.type("\r")
        bob.shows(r"^ {13}fi$")
        alice.shows("^you:$")
        self.moment("and sent them", alice, bob)


SCENES = ("files", "stall", "restart", "chat")


def framed(screens, width=COLUMNS):
    """Screens below each other."""
    lines = []
    for who, rows in screens.items():
        lines.append(f"┌─ {who} " + "─" * (width - len(who) - 3) + "┐")
        lines += [f"│{row:<{width}}│" for row in rows]
        lines.append("└" + "─" * width + "┘")
    return lines
