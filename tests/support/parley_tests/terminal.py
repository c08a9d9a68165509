"""`parley chat` and `parley classic` in a terminal of 80 by 24."""

import os
import re
import time

import pexpect

from . import processes
from .waiting import PATIENCE


class Terminal:
    _open = []  # all of them: a program whose terminal nobody reads stops when it is full

    def __init__(self, *arguments, env=None):
        self._child = pexpect.spawn(
            processes.program("parley"),
            list(arguments),
            env=processes.clean_environment(TERM="xterm", HOME="/nonexistent", **(env or {})),
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

    def type(self, keys):
        self._child.send(keys)

    def sees(self, text):
        """Waits until it is shown; returns what was shown before."""
        return self.sees_like(re.escape(text)).string

    def sees_like(self, pattern):
        deadline = time.monotonic() + PATIENCE
        while self._child.expect([pattern, pexpect.TIMEOUT], timeout=0.2) == 1:
            for other in self._open:
                if other is not self:
                    other._take_in()
            if time.monotonic() > deadline:
                self._child.expect(pattern, timeout=0)  # fails, and says what is there
                break
        self.seen += self._child.before + self._child.after
        return self._child.match

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
        self._child.close(force=True)


class ChatTerminal(Terminal):
    def __init__(self, *arguments, env=None):
        super().__init__("chat", *arguments, env={"NO_COLOR": "1"} | (env or {}))

    def invite(self):
        return self.sees_like(r"parley chat '(parley://[^']+)'").group(1)
