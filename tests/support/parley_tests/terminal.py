"""`parley` in a terminal: what it sends there, and what a user sees of it, by pyte's emulator."""

import codecs
import os
import re
import select

import ptyprocess
import pyte

from . import processes
from .waiting import eventually


def typed(path):
    """As a word of a chat's command."""
    return re.sub(r"([\s\\\"'])", r"\\\1", str(path))


class Terminal:
    """`seen` is what was sent up to the newest text that sees() waited for; all of it when the program has ended.
    `rows` are what stands on the screen, from its top."""

    _open = []  # all of them: a program whose terminal nobody reads stops when it is full

    def __init__(self, *arguments, env=None, launcher=(), columns=80, rows=24, program="parley"):
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)
        self._program = ptyprocess.PtyProcess.spawn(
            [*launcher, processes.program(program), *arguments],
            env=processes.clean_environment(**{"TERM": "xterm", "HOME": "/nonexistent"} | (env or {})),
            dimensions=(rows, columns),
            preexec_fn=processes.as_from_a_terminal,
        )
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._shown = ""
        self._seen_to = 0
        self._ended = False
        self._open.append(self)

    @property
    def pid(self):
        return self._program.pid

    @property
    def fd(self):
        return self._program.fd

    @property
    def seen(self):
        return self._shown[: self._seen_to]

    @property
    def _unseen(self):
        return self._shown[self._seen_to :]

    @property
    def rows(self):
        self._take_all_in()
        return [row.rstrip() for row in self._screen.display]

    @property
    def cursor(self):
        """Its row and column, from 0."""
        self._take_all_in()
        return self._screen.cursor.y, self._screen.cursor.x

    def shows(self, pattern):
        """Waits until a row has something like it; returns that row."""

        def row():
            found = [row for row in self.rows if re.search(pattern, row)]
            assert found or not self._ended, f"ended without {pattern!r}: {self.rows}"
            return found

        return self.watched_until(row, lambda: f"{pattern!r} in {self.rows}")[-1]

    def resize(self, columns, rows):
        self._screen.resize(rows, columns)
        self._program.setwinsize(rows, columns)

    def type(self, keys):
        rest = keys.encode()
        while rest:
            rest = rest[os.write(self.fd, rest) :]

    def paste(self, text):
        """As a terminal does that was told to mark what is pasted."""
        eventually(self.marks_pastes, "pastes are to be marked")
        self.type(f"\x1b[200~{text}\x1b[201~")

    def marks_pastes(self):
        self._take_all_in()
        return self._shown.rfind("\x1b[?2004h") > self._shown.rfind("\x1b[?2004l")

    def sees(self, text):
        """Waits until it is shown; returns that with what was shown before it."""
        match = self.sees_like(re.escape(text))
        return match.string[: match.end()]

    def sees_like(self, pattern):
        """Waits until something like it is shown; returns re's match in what was shown since the one before."""

        def shown():
            match = re.search(pattern, self._unseen)
            assert match or not self._ended, f"ended without {pattern!r}, with {self._unseen!r}"
            return match

        match = self.watched_until(shown, lambda: f"{pattern!r} in {self._unseen!r}")
        self._seen_to += match.end()
        return match

    @classmethod
    def watched_until(cls, condition, what=""):
        """Waits for a condition, and reads every terminal meanwhile."""

        def met():
            cls._take_all_in()
            if result := condition():
                return result
            return cls._take_all_in(seconds=0.02)

        return eventually(met, what, pause=0.001)

    @classmethod
    def _take_all_in(cls, seconds=0):
        """What is there, or comes within that time."""
        by_fd = {one.fd: one for one in cls._open if not one._ended}
        for fd in select.select(list(by_fd), [], [], seconds)[0]:
            by_fd[fd]._take_in()

    def _take_in(self):
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # EIO: nobody has the other end open
            data = b""
        self._ended = not data
        text = self._decoder.decode(data, final=self._ended)
        self._shown += text
        self._stream.feed(text)

    def signal(self, number):
        os.kill(self.pid, number)

    def exit_status(self):
        self.watched_until(lambda: self._ended, lambda: f"it ends, after {self._unseen!r}")
        self._seen_to = len(self._shown)
        self._program.wait()
        return self._program.exitstatus

    def close(self):
        """Hangs up, and kills what stays."""
        if self not in self._open:
            return
        self._open.remove(self)
        try:
            self._program.close(force=True)
        except ptyprocess.PtyProcessError:  # after SIGKILL it had a tenth of a second to die
            eventually(lambda: not self._program.isalive(), "it is killed")


class ChatTerminal(Terminal):
    def __init__(self, *arguments, env=None, **options):
        super().__init__("chat", *arguments, env={"NO_COLOR": "1"} | (env or {}), **options)

    def invite(self):
        return self.sees_like(r"parley chat '(parley://[^']+)'").group(1)
