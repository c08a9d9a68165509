"""Sending bytes so that the relay reads them in the segments that the test wants."""

import socket

from .waiting import PATIENCE, eventually


def _unread_at_peer(ours, theirs):
    """What the kernel holds for the other end of a connection on this machine; None when that end is gone."""
    local, remote = f":{theirs:04X} ", f":{ours:04X} "
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(table) as lines:
            for line in lines:
                at = line.find(local)
                if at >= 0 and line.find(remote, at + len(local)) >= 0:
                    return int(line.split()[4].partition(":")[2], 16)
    return None


def wait_until_read(sock):
    """Returns once the relay has read all that was sent, or has gone."""
    try:
        ours, theirs = sock.getsockname()[1], sock.getpeername()[1]
    except OSError:
        return
    eventually(lambda: not _unread_at_peer(ours, theirs), "the relay has read what was sent", pause=0.0002)


def send_in_segments(sock, pieces):
    """Each piece is read by the relay before the next one is sent."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for piece in pieces:
        if piece:
            sock.sendall(piece)
            wait_until_read(sock)


def cut(data, *positions):
    borders = [0, *positions, len(data)]
    return [data[a:b] for a, b in zip(borders, borders[1:])]


def connect_narrowly(address, timeout=PATIENCE):
    """A connection for which the kernels hold little: what is sent and not read stays with the programs."""
    sock = socket.socket()
    for level, option, value in (
        (socket.SOL_SOCKET, socket.SO_RCVBUF, 4096),
        (socket.SOL_SOCKET, socket.SO_SNDBUF, 16384),
        (socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536),
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    ):
        sock.setsockopt(level, option, value)
    sock.settimeout(timeout)
    sock.connect(address)
    return sock
