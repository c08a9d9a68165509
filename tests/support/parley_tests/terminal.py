"""`parley chat` and `parley classic` in a terminal of 80 by 24."""

import os
import re

import pexpect

from . import processes
from .waiting import PATIENCE


class Terminal:
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

    @property
    def pid(self):
        return self._child.pid

    def type(self, keys):
        self._child.send(keys)

    def sees(self, text):
        """Waits until it is shown; returns what was shown before."""
        return self.sees_like(re.escape(text)).string

    def sees_like(self, pattern):
        self._child.expect(pattern)
        self.seen += self._child.before + self._child.after
        return self._child.match

    def signal(self, number):
        os.kill(self._child.pid, number)

    def exit_status(self):
        self._child.expect(pexpect.EOF)
        self.seen += self._child.before
        self._child.wait()
        return self._child.exitstatus

    def close(self):
        self._child.close(force=True)


class ChatTerminal(Terminal):
    def __init__(self, *arguments, env=None):
        super().__init__("chat", *arguments, env={"NO_COLOR": "1"} | (env or {}))

    def invite(self):
        return self.sees_like(r"parley chat '(parley://[^']+)'").group(1)
