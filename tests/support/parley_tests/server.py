"""Programs that serve and say where: parleyd, and what it is compared with."""

import json
import os
import re
import subprocess

from . import processes
from .output import Output
from .waiting import eventually


_LISTENER = re.compile(r"^(\w+) \[?([^\s\]]+)\]?:(\d+)$", re.MULTILINE)


def _plain(output):
    """The lines that have come whole, those in JSON as they would be without."""
    for line in output.split("\n")[:-1]:
        event = json.loads(line) if line.startswith("{") else {"message": line}
        yield "{listener} {address}".format(**event) if event["message"] == "listening" else event["message"]


class Server:
    """A program that prints a line "NAME ADDRESS:PORT" for each address that it listens on, and then "ready", as it is
    when this has been made. `listeners` is a list of (name, (address, port))."""

    def __init__(self, name, command, env=None, pass_fds=()):
        self.name, self.command = name, command
        self._stdout, self._stderr = Output(), Output()
        self._process = processes.start(
            command, stdin=subprocess.DEVNULL, stdout=self._stdout, stderr=self._stderr, env=env, pass_fds=pass_fds
        )
        self.pid = self._process.pid
        try:
            eventually(self._is_ready_or_gone, lambda: f"{name} says ready: {self.log()}")
        except BaseException:
            self.kill()
            raise
        if not self.is_running():
            raise AssertionError(f"{name} ended with {self._process.returncode}: {self.log()}")
        self.listeners = [(kind, (host, int(port))) for kind, host, port in _LISTENER.findall("\n".join(_plain(self.output())))]

    def _is_ready_or_gone(self):
        return "ready" in _plain(self.output()) or not self.is_running()

    def address_of(self, kind):
        """(address, port) of its first listener of that name, or None."""
        return next((address for one, address in self.listeners if one == kind), None)

    def output(self):
        return self._stdout.text()

    def log(self):
        return self._stderr.text()

    def is_running(self):
        return self._process.poll() is None

    def signal(self, number):
        self._process.send_signal(number)

    def exit_status(self, timeout=60):
        """Waits for its end."""
        return self._process.wait(timeout)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def kill(self):
        self._process.kill()
        self._process.wait()
