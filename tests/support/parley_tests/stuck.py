"""Things that never go on: descriptors that take nothing, and threads that stand still."""

import contextlib
import ctypes
import os
import pty
import socket
import termios
from pathlib import Path

from .waiting import eventually

_libc = ctypes.CDLL(None, use_errno=True)
_PTRACE_SEIZE, _PTRACE_INTERRUPT, _PTRACE_DETACH = 0x4206, 0x4207, 17
_WALL = 0x40000000


def _fill(descriptor):
    os.set_blocking(descriptor, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(descriptor, b"x" * 512)
    os.set_blocking(descriptor, True)


@contextlib.contextmanager
def full_pipe():
    """The writing end; nobody reads the other."""
    reader, writer = os.pipe()
    _fill(writer)
    try:
        yield writer
    finally:
        os.close(writer)
        os.close(reader)


@contextlib.contextmanager
def full_socket():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        _fill(theirs.fileno())
        yield theirs.fileno()


@contextlib.contextmanager
def paused_terminal():
    """One whose user has typed Control-S."""
    ours, theirs = pty.openpty()
    termios.tcflow(theirs, termios.TCOOFF)
    try:
        yield theirs
    finally:
        os.close(theirs)
        os.close(ours)


def threads(pid, name):
    """The ids of the process's threads whose names begin so."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        if task.joinpath("comm").read_text().startswith(name):
            found.append(int(task.name))
    return sorted(found)


def stop_thread(thread):
    """It stands still until resume_thread() or its process ends; until reap() its end is not seen by anybody."""
    for request in (_PTRACE_SEIZE, _PTRACE_INTERRUPT):
        if _libc.ptrace(request, thread, None, None) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    os.waitpid(thread, _WALL)


def resume_thread(thread):
    if _libc.ptrace(_PTRACE_DETACH, thread, None, None) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def reap(thread):
    with contextlib.suppress(ChildProcessError):
        os.waitpid(thread, _WALL | os.WNOHANG)


def all_signals_taken(pid):
    """Waits until no signal is pending any more."""

    def none_is_pending():
        status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        return int(status["ShdPnd"], 16) == 0

    eventually(none_is_pending, "all signals are taken")
