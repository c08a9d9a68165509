"""`parley` as PID 1 of a container, where the kernel drops signals that have no handler: it ends at those that
`docker stop`, a closed terminal and Ctrl-C send, from the start on."""

import os
import signal
import socket
from pathlib import Path

import pytest

from parley_tests import processes
from parley_tests.terminal import Terminal
from parley_tests.waiting import PATIENCE, eventually

pytestmark = pytest.mark.needs_root

LAUNCHER = ["unshare", "--pid", "--fork", "--kill-child"]
SIGNALS = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT]


@pytest.fixture(autouse=True)
def _namespaces():
    made = processes.run([*LAUNCHER, "true"])
    if made.returncode != 0:
        pytest.skip("no PID namespace: " + made.stderr.strip())


def child_of(pid):
    """unshare's, which is `parley`; None before there is one."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if children else None


def start(*arguments):
    return processes.start([*LAUNCHER, processes.program("parley"), *arguments], stdin=-1, stdout=-1, stderr=-1)


@pytest.mark.parametrize("number", SIGNALS)
def test_while_a_relay_says_nothing(number):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        program = start("check", "--timeout", "none", "127.0.0.1:%d" % silent.getsockname()[1])
        silent.settimeout(PATIENCE)
        connection = silent.accept()[0]
        os.kill(child_of(program.pid), number)
        program.communicate(timeout=PATIENCE)
        assert program.returncode == 128 + number
        connection.close()


@pytest.mark.parametrize("number", SIGNALS)
def test_while_it_reads_the_invite_from_a_pipe(number, tmp_path):
    os.mkfifo(tmp_path / "invite")
    program = start("pipe", "--invite-file", str(tmp_path / "invite"))
    with open(tmp_path / "invite", "wb"):  # there is a reader then
        os.kill(child_of(program.pid), number)
        program.communicate(timeout=PATIENCE)
    assert program.returncode == 128 + number


def test_while_it_asks(double, clients):
    terminal = Terminal("chat", "--relay", double.endpoint, launcher=LAUNCHER)
    clients.append(terminal)
    terminal.sees("[y/N]")
    child = eventually(lambda: child_of(terminal.pid), "parley runs")
    os.kill(child, signal.SIGTERM)
    assert terminal.exit_status() == 128 + signal.SIGTERM
