"""A network of its own for a test: a relay's namespace, and clients' that can vanish from it without a word."""

import contextlib
import ctypes
import itertools
import os
import socket

from . import processes

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)
_numbers = itertools.count()


def ip(*arguments):
    done = processes.run(["ip", *arguments])
    if done.returncode != 0:
        raise OSError(done.stderr.strip())


@contextlib.contextmanager
def inside(namespace):
    """Sockets that are made in here are in that namespace, and stay there."""
    with open("/proc/thread-self/ns/net") as ours, open(f"/run/netns/{namespace}") as theirs:
        _enter(theirs)
        try:
            yield
        finally:
            _enter(ours)


def _enter(file):
    if _libc.setns(file.fileno(), _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


class Network:
    """Raises OSError where there are no such things."""

    ADDRESS = "192.0.2.1"  # the relay's; this and the other networks are for documents, and nobody's

    def __init__(self):
        self.relay = self._namespace()
        self._others = []
        ip("-n", self.relay, "address", "add", self.ADDRESS + "/32", "dev", "lo")

    @staticmethod
    def _namespace():
        name = f"parley-{os.getpid()}-{next(_numbers)}"
        ip("netns", "add", name)
        ip("-n", name, "link", "set", "lo", "up")
        return name

    def launcher(self):
        return ["ip", "netns", "exec", self.relay]

    def place(self):
        """One from which clients can reach the relay."""
        name = self._namespace()
        self._others.append(name)
        number = len(self._others)
        link, net = f"link{number}", f"198.51.{number}"
        ip("-n", self.relay, "link", "add", link, "type", "veth", "peer", "name", link, "netns", name)
        for namespace, host in ((self.relay, 1), (name, 2)):
            ip("-n", namespace, "address", "add", f"{net}.{host}/24", "dev", link)
            ip("-n", namespace, "link", "set", link, "up")
        ip("-n", name, "route", "add", self.ADDRESS, "via", f"{net}.1")
        return name

    def connect(self, place, port):
        with inside(place):
            return socket.create_connection((self.ADDRESS, port), timeout=60)

    def vanish(self, place):
        """From here on no packet from there arrives, and nobody is told so."""
        ip("-n", place, "route", "replace", "blackhole", self.ADDRESS)

    def close(self):
        for namespace in (self.relay, *self._others):
            processes.run(["ip", "netns", "delete", namespace])
