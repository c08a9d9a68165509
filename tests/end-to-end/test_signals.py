"""Signals by which other programs are told to open their logs again end nothing here; SIGHUP does not either, whenever it
comes."""

import contextlib
import select
import signal
import subprocess

import pytest

from parley_tests import processes
from parley_tests.waiting import eventually

FOR_LOGS = ["SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGIO", "SIGPWR", "SIGXFSZ", "SIGPIPE", "SIGWINCH"]


@pytest.mark.parametrize("name", FOR_LOGS)
def test_it_goes_on(start_relay, name):
    relay = start_relay()
    number = getattr(signal, name)
    for _ in range(3):
        relay.signal(number)
    relay.assert_chat_works()
    # It has been taken, and those that are reacted to still are.
    relay.signal(signal.SIGHUP)
    eventually(lambda: relay.metric("parley_reloads_total", result="ok") == 1, "it reloads")
    assert relay.is_running()


@pytest.mark.parametrize("name", ["SIGHUP", "SIGUSR1"])
def test_while_it_starts(name):
    """From the moment that the program's own code runs: its file is mapped, and what it is linked with."""
    for _ in range(10):
        command = [processes.program("parleyd"), "--classic-listen", "127.0.0.1:0", "--admin-listen", "none"]
        process = processes.start(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        with contextlib.ExitStack() as stack:
            stack.callback(process.wait)
            stack.callback(process.kill)
            eventually(lambda: holds_signals(process.pid) or process.poll() is not None, "its code runs")
            while not (ready := ready_line(process)):
                process.send_signal(getattr(signal, name))
            assert b"ready" in ready, process.poll()
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0


def holds_signals(pid):
    with open(f"/proc/{pid}/status") as status:
        return any(line.startswith("SigBlk:") and int(line.split()[1], 16) & 1 for line in status)


def ready_line(process):
    if not select.select([process.stdout], [], [], 0.001)[0]:
        return b""
    text = b""
    while b"ready\n" not in text:
        part = process.stdout.read1()
        if not part:
            break
        text += part
    return text or b"nothing"
