"""Listening sockets that outlive the relays to which they are handed, as systemd hands them: sd_listen_fds(3)."""

import fcntl
import os
import socket
from pathlib import Path

_FIRST = 3  # in the relay
_ASIDE = 100  # beyond all of those


def _is(target, link):
    try:
        return os.readlink(link) == target
    except FileNotFoundError:  # closed meanwhile
        return False


class PassedSockets:
    """One on a free port of 127.0.0.1 for each name: "classic", "relay" or "admin"."""

    def __init__(self, *names):
        self._sockets = {name: socket.create_server(("127.0.0.1", 0), backlog=1024) for name in names}
        # The same sockets under numbers from which they can be moved to any other.
        aside = [fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, _ASIDE) for one in self._sockets.values()]
        self._aside = [socket.socket(fileno=number) for number in aside]

    def address(self, name):
        return self._sockets[name].getsockname()

    def handed(self, **environment):
        """Options with which a Relay is started that is handed them. `environment`: more, or other, variables."""
        aside = [one.fileno() for one in self._aside]
        moves = [f"{_FIRST + i}<&{number} {number}<&-" for i, number in enumerate(aside)]
        script = f'exec {" ".join(moves)}; LISTEN_PID=$$ exec "$@"'
        says = {"LISTEN_FDS": str(len(aside)), "LISTEN_FDNAMES": ":".join(self._sockets)}
        return {"launcher": ["bash", "-c", script, "bash"], "pass_fds": aside, "env": says | environment}

    def held_by(self, pid, name):
        """How many of a process's descriptors are that one; of one that has ended, though nobody has asked how, none."""
        if "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text():
            return 0
        number = os.fstat(self._sockets[name].fileno()).st_ino
        return sum(_is(f"socket:[{number}]", f"/proc/{pid}/fd/{one}") for one in os.listdir(f"/proc/{pid}/fd"))

    def close(self):
        for one in (*self._sockets.values(), *self._aside):
            one.close()
