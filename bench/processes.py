"""The processes that a benchmark runs: relays, load generators, and the limit's loop."""
import atexit
import json
import os
import resource
import signal
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAMS = os.path.join(ROOT, "build", "bin")
# Everything else is as shipped. The load comes from one address, at once.
NO_ADDRESS_LIMITS = [
    "--connection-rate-per-address", "0", "--max-connections-per-address", "0", "--max-rooms-per-address", "0"
]


def allow_many_descriptors():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


# No relay outlives its benchmark, also when that is ended.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


class Relay:
    """A relay on a free port for each protocol that it speaks; ready when made."""

    protocol = "relay/1"  # what its port of the name "relay" speaks

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        atexit.register(self.process.kill)
        self.ports = {}
        for line in self.process.stdout:
            if line.startswith(("classic ", "relay ")):
                self.ports[line.split()[0]] = line.rsplit(":", 1)[1].strip()
            if line.strip() == "ready":
                return
        raise SystemExit("bench: %s did not start (status %s)" % (" ".join(command), self.process.wait()))

    def pids(self):
        return [self.process.pid]

    @classmethod
    def parleyd(cls, *options):
        """For the classic protocol alone, where `options` do not say otherwise."""
        for listener, where in (("--classic-listen", "127.0.0.1:0"), ("--relay-listen", "none")):
            if listener not in options:
                options = (listener, where, *options)
        return cls([os.path.join(PROGRAMS, "parleyd"), "--admin-listen", "none", "--log-level", "warning",
                    *NO_ADDRESS_LIMITS, *options])

    @classmethod
    def original(cls):
        return cls(["/usr/bin/python3", os.path.join(ROOT, "bench", "original_design.py")])

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Asked:
    """A program that answers each line of input with a line of JSON."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("bench: %s ended with status %s" % (self.process.args, self.process.wait()))
        return json.loads(line)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.answer()

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Load(Asked):
    """Sessions through a relay; `memory` is the relay's before and after they were made."""

    def __init__(self, relay, sessions, client_bits):
        super().__init__([os.path.join(PROGRAMS, "classic_load"), "--port", relay.ports["classic"], "--relay-pid",
                          str(relay.process.pid), "--sessions", str(sessions), "--client-bits", str(client_bits)])
        self.memory = self.answer()


class Limit(Asked):
    def __init__(self, client_bits):
        super().__init__([os.path.join(PROGRAMS, "rsa_limit"), str(client_bits)])
