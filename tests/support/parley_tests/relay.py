"""A parleyd of the real binary, on free ports."""

import contextlib
import http.client
import json
import re
import signal
import subprocess

from . import processes
from .metrics import Metrics
from .server import Server
from .waiting import PATIENCE, eventually

# The limits by address would hit the tests themselves, which all come from one. A key for each connection, as shipped,
# takes 80 ms of CPU, and few tests are about that.
_DEFAULTS = {
    "connection_rate_per_address": "0",
    "max_connections_per_address": "0",
    "max_rooms_per_address": "0",
    "classic_keys": "shared",
    "handshake_timeout": "60s",
}

_REPORTS = re.compile(r"^==\d+==.*Sanitizer.*|.*: runtime error: .*|.*: Assertion .* failed.*", re.MULTILINE)
# Of the line "started": where the library lies, whatever words that may hold.
_ENGINE_DETAIL = re.compile(r'engine_detail"?[=:]"(?:[^"\\]|\\.)*"')

started = []  # those that run now, for the report of a failing test


def as_arguments(options):
    """classic_keys="shared" becomes --classic-keys shared; True is a flag alone, None leaves it out."""
    arguments = []
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        for one in value if isinstance(value, (list, tuple)) else [value]:
            if one is True:
                arguments.append(flag)
            elif one is not None and one is not False:
                arguments += [flag, str(one)]
    return arguments


def as_toml(value):
    """For the configuration file: quoted, whatever is in it."""
    return json.dumps(str(value), ensure_ascii=False)


class Relay(Server):
    """Options as keywords: handshake_timeout="1s"; those of _DEFAULTS that are given as None are as shipped."""

    def __init__(
        self, classic_listen="127.0.0.1:0", admin_listen="127.0.0.1:0", env=None, launcher=(), pass_fds=(), **options
    ):
        settings = {"classic_listen": classic_listen, "admin_listen": admin_listen} | _DEFAULTS | options
        command = [*launcher, processes.program("parleyd"), *as_arguments(settings)]
        environment = processes.clean_environment(**{"LSAN_OPTIONS": ""} | (env or {}))
        super().__init__("parleyd", command, environment, pass_fds)
        started.append(self)
        self.classic, self.admin = self.address_of("classic"), self.address_of("admin")

    def _log_without_places(self):
        return _ENGINE_DETAIL.sub("", self.log())

    def log_lines(self, *words):
        """The lines of the log that hold all these words, but not where the program lies."""
        return [line for line in self._log_without_places().splitlines() if all(word in line for word in words)]

    # --- the admin endpoint

    def get(self, path, headers=None, method="GET"):
        """(status, body as text)."""
        connection = http.client.HTTPConnection(*self.admin, timeout=60)
        try:
            connection.request(method, path, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def json(self, path):
        status, body = self.get(path)
        assert status == 200, f"{path}: {status} {body}"
        return json.loads(body)

    def metrics(self):
        status, body = self.get("/metrics")
        assert status == 200, body
        return Metrics(body)

    def metric(self, name, **labels):
        return self.metrics().value(name, **labels)

    def ended(self, reason):
        """How many legs without a session, and sessions, ended for that reason."""
        metrics = self.metrics()
        return sum(
            metrics.value(name, protocol="classic", reason=reason)
            for name in ("parley_leg_ends_total", "parley_session_ends_total")
        )

    def refused(self, reason):
        return self.metric("parley_refused_total", protocol="classic", reason=reason)

    # Counted once the connection has been closed, so a client may see the end a little earlier.

    def wait_for_ends(self, reason, times):
        eventually(lambda: self.ended(reason) >= times, f"{times} ended as {reason}")
        assert self.ended(reason) == times

    def wait_for_refusals(self, reason, times):
        eventually(lambda: self.refused(reason) >= times, f"{times} refused as {reason}")
        assert self.refused(reason) == times

    def wait_for_keys(self, keys=1):
        """Long: on a busy machine threads of a low priority, which make them, hardly get on."""
        eventually(lambda: self.metric("parley_key_pool_keys") >= keys, f"{keys} keys in the pool", 3 * PATIENCE)

    def wait_until_ready(self):
        """With classic it is when the first key is made: see wait_for_keys()."""
        eventually(lambda: self.get("/readyz")[0] == 200, "ready", 3 * PATIENCE)

    @contextlib.contextmanager
    def one_more_session(self):
        """Who connects inside meets who waits: afterwards all that either does happens in a session. An empty lobby
        would be too early a sign, as the two may be on different shards, and one move first."""
        before = self.metric("parley_sessions_total", protocol="classic")
        yield
        eventually(lambda: self.metric("parley_sessions_total", protocol="classic") > before, "one more session")

    def wait_for_lobby(self, legs):
        eventually(lambda: self.metric("parley_lobby_legs") == legs, f"{legs} in the lobby")

    def wait_for_sessions(self, sessions):
        eventually(lambda: self.metric("parley_sessions") == sessions, f"{sessions} sessions")

    # --- the process

    def exit_status(self, timeout=60):
        status = super().exit_status(timeout)
        self._forget()
        return status

    def kill(self):
        super().kill()
        self._forget()

    def _forget(self):
        if self in started:
            started.remove(self)

    def stop(self):
        """Ends it, at once if sessions are left. Returns what was wrong, or nothing."""
        was_running = self.is_running()
        try:
            if was_running:
                self.signal(signal.SIGTERM)
                try:
                    self._process.wait(2)
                except subprocess.TimeoutExpired:
                    self.signal(signal.SIGTERM)
            status = self.exit_status()
        except subprocess.TimeoutExpired:
            self.kill()
            return f"parleyd did not end after two SIGTERM\n{self.log()[-5000:]}"
        reports = _REPORTS.findall(self._log_without_places())
        if reports or (was_running and status != 0):
            return f"parleyd ended with {status} {reports}\n{self.log()[-20000:]}"
        return ""
