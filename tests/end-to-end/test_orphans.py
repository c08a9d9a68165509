"""Programs whose terminal or reader is gone end, with the right status, and do not spin meanwhile."""

import fcntl
import os
import pty
import signal
import subprocess
import termios

import pytest

from parley_tests import memory, processes
from parley_tests.programs import new_invite
from parley_tests.waiting import eventually


@pytest.fixture
def command(double, tmp_path):
    """command("chat"): its words, for a program that will wait for somebody who never comes."""
    invite = tmp_path / "invite"
    invite.write_text(new_invite(double.pin)(double.address) + "\n")
    (tmp_path / "file").write_text("x")

    def words(name, *options):
        paths = [str(tmp_path / "file")] if name == "send" else []
        return [processes.program("parley"), name, *paths, *options, "--invite-file", str(invite)]

    return words


def assert_ends_without_spinning(process, *statuses):
    eventually(lambda: os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT), "it ends")
    _, ended_with, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(ended_with)
    assert process.returncode in statuses
    # A sanitizer's start alone may take a second.
    cpu_seconds = usage.ru_utime + usage.ru_stime
    assert cpu_seconds < (10 if memory.is_sanitized(processes.program("parley")) else 1)


@pytest.mark.parametrize("name, ignores", [
    ("chat", False), ("pipe", False), ("send", False), ("receive", False), ("chat", True), ("pipe", True),
])  # fmt: skip
def test_the_terminal_is_gone(command, name, ignores):
    """By SIGHUP, and where that is ignored (nohup) by what reading and writing say then. Without it send and receive
    go on: they need no terminal."""
    master, slave = pty.openpty()

    def own_terminal():
        processes.as_from_a_terminal()
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGHUP, signal.SIG_IGN if ignores else signal.SIG_DFL)

    process = subprocess.Popen(
        command(name),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        preexec_fn=own_terminal,
        env=processes.clean_environment(),
    )
    os.close(slave)
    shown = b""
    while b"waiting for the other side" not in shown:
        shown += os.read(master, 4096)
    os.close(master)
    # The kernel may show the end of the terminal before it sends SIGHUP.
    by_output = {"chat": [0], "pipe": [1]}.get(name, [])
    assert_ends_without_spinning(process, *by_output, *([] if ignores else [128 + signal.SIGHUP]))


@pytest.mark.parametrize("name, options, status", [
    ("chat", [], 0), ("chat", ["--json"], 0), ("pipe", [], 1), ("send", ["--json"], 1), ("receive", ["--json"], 1),
])  # fmt: skip
def test_nobody_reads_standard_output(command, name, options, status):
    reader, writer = os.pipe()
    process = processes.start(command(name, *options), stdin=subprocess.PIPE, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    if options:
        assert os.read(reader, 1)
    else:
        assert any(b"waiting for the other side" in line for line in iter(process.stderr.readline, b""))
    os.close(reader)
    assert_ends_without_spinning(process, status)
