"""Ports for programs that are to come back to the one that they had."""

import itertools
import os
import random
import socket

# Below those that kernels give to connections (32768 and up): one of these would otherwise take the port while its
# program is away, or a client that tries again and again even meet itself there.
_LOWEST, _HIGHEST = 16384, 32767
_WORKERS = 32  # of one test run; each has ports of its own
_candidates = None


def _own_candidates():
    """From a place drawn at random, as other test runs may be under way."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
    own = range(_LOWEST + worker, _HIGHEST + 1, _WORKERS)
    begin = random.SystemRandom().randrange(len(own))
    return itertools.cycle([*own[begin:], *own[:begin]])


def _is_free(port):
    """On all addresses, of either IP; a connection that ended lately is no hindrance, as it is none to parleyd."""
    for family, host in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True


def lasting_port():
    """Free now, given to nobody else of this test run, and taken by no connection."""
    global _candidates
    _candidates = _candidates or _own_candidates()
    return next(port for port in itertools.islice(_candidates, 2000) if _is_free(port))
