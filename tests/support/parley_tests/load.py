"""The load generators (bench/*.cc): clients by the thousand, which measure the relay meanwhile."""

import json
import resource
import subprocess
import time

from . import processes


def cpu_seconds(pid):
    """Of a process, user and system, to the nanosecond: clock_getcpuclockid(3)."""
    return time.clock_gettime((~pid << 3) | 2)


def allow_many_descriptors():
    """For this process and all that it starts."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Asked:
    """A program that answers each line of input with a line of JSON, and ends with its input."""

    def __init__(self, name, *arguments):
        command = [processes.program(name), *map(str, arguments)]
        self._process = processes.start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    @property
    def pid(self):
        return self._process.pid

    def answer(self):
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{' '.join(self._process.args)} ended with status {self._process.wait()}")
        return json.loads(line)

    def ask(self, line):
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self.answer()

    def end(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


class ClassicLoad(Asked):
    """Sessions of the classic protocol; `memory` is the relay's before and after they were made."""

    def __init__(self, relay, sessions, client_bits):
        _, port = relay.address_of("classic")
        super().__init__(
            "classic_load", "--port", port, "--relay-pid", relay.pid, "--sessions", sessions, "--client-bits", client_bits
        )
        self.memory = self.answer()


class RelayLoad(Asked):
    """Pairs of relay/1, or of what else relay_load speaks, through the relay at that port of 127.0.0.1."""

    def __init__(self, port, pids, protocol="relay/1", options=()):
        measured = [word for pid in pids for word in ("--relay-pid", pid)]
        super().__init__("relay_load", "--protocol", protocol, "--port", port, *measured, *options)
        self.ask("idle")  # the relay may still be making keys

    def memory(self):
        return self.ask("memory")["resident"]
