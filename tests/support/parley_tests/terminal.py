"""`parley chat` and `parley classic` in a terminal of 80 by 24."""

import os
import re
import time

import pexpect

from . import processes
from .waiting import PATIENCE, eventually


class Terminal:
    _open = []  # all of them: a program whose terminal nobody reads stops when it is full

    def __init__(self, *arguments, env=None, launcher=()):
        command = [*launcher, processes.program("parley"), *arguments]
        self._child = pexpect.spawn(
            command[0],
            command[1:],
            env=processes.clean_environment(**{"TERM": "xterm", "HOME": "/nonexistent"} | (env or {})),
            encoding="utf-8",
            timeout=PATIENCE,
            dimensions=(24, 80),
            preexec_fn=processes.as_from_a_terminal,
        )
        self.seen = ""
        self._open.append(self)

    @property
    def pid(self):
        return self._child.pid

    @property
    def fd(self):
        return self._child.child_fd

    def type(self, keys):
        self._child.send(keys)

    def paste(self, text):
        """As a terminal does that was told to mark what is pasted."""
        eventually(self.marks_pastes, "pastes are to be marked")
        self.type(f"\x1b[200~{text}\x1b[201~")

    def marks_pastes(self):
        self._take_in()
        shown = self.seen + self._child.buffer
        return shown.rfind("\x1b[?2004h") > shown.rfind("\x1b[?2004l")

    def sees(self, text):
        """Waits until it is shown; returns what was shown before."""
        return self.sees_like(re.escape(text)).string

    def sees_like(self, pattern):
        deadline = time.monotonic() + PATIENCE
        while self._child.expect([pattern, pexpect.TIMEOUT], timeout=0.2) == 1:
            self._take_all_in()
            if time.monotonic() > deadline:
                self._child.expect(pattern, timeout=0)  # fails, and says what is there
                break
        self.seen += self._child.before + self._child.after
        return self._child.match

    @classmethod
    def watched_until(cls, condition, what=""):
        """Waits for what no terminal shows."""

        def met():
            cls._take_all_in()
            return condition()

        return eventually(met, what, pause=0.001)

    @classmethod
    def _take_all_in(cls):
        for one in cls._open:
            one._take_in()

    def _take_in(self):
        try:
            self._child.buffer += self._child.read_nonblocking(65536, timeout=0)
        except (pexpect.TIMEOUT, pexpect.EOF):
            pass

    def signal(self, number):
        os.kill(self._child.pid, number)

    def exit_status(self):
        self._child.expect(pexpect.EOF)
        self.seen += self._child.before
        self._child.wait()
        return self._child.exitstatus

    def close(self):
        if self in self._open:
            self._open.remove(self)
        try:
            self._child.close(force=True)
        except pexpect.ExceptionPexpect:  # after SIGKILL it had a tenth of a second to die
            eventually(lambda: not self._child.isalive(), "it is killed")


class ChatTerminal(Terminal):
    def __init__(self, *arguments, env=None, launcher=()):
        super().__init__("chat", *arguments, env={"NO_COLOR": "1"} | (env or {}), launcher=launcher)

    def invite(self):
        return self.sees_like(r"parley chat '(parley://[^']+)'").group(1)
