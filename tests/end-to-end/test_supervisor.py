"""What systemd is told: when the relay takes clients, that it is alive, and that it is about to end."""

import signal
import socket
import tempfile
from pathlib import Path

import pytest

from parley_tests.waiting import PATIENCE, eventually


@pytest.fixture
def supervisor():
    """A socket as systemd's, whose path is short."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="parley-") as folder, socket.socket(
        socket.AF_UNIX, socket.SOCK_DGRAM
    ) as told:
        told.bind(str(Path(folder) / "notify"))
        told.settimeout(PATIENCE)
        yield told


def test_ready_alive_and_stopping(start_rooms, supervisor):
    rooms = start_rooms(env={"NOTIFY_SOCKET": supervisor.getsockname(), "WATCHDOG_USEC": "200000"})
    assert supervisor.recv(100) == b"READY=1"
    assert supervisor.recv(100) == b"STATUS=takes clients"
    for _ in range(3):
        assert supervisor.recv(100) == b"WATCHDOG=1"
    rooms.relay.signal(signal.SIGTERM)
    rest = []
    eventually(lambda: rest.append(supervisor.recv(100)) or b"STATUS=draining" in rest)
    assert b"STOPPING=1" in rest
    assert rooms.relay.exit_status() == 0


def test_a_relay_that_cannot_start_is_never_ready(supervisor):
    from parley_tests import processes

    environment = processes.clean_environment(NOTIFY_SOCKET=supervisor.getsockname())
    done = processes.run([processes.program("parleyd"), "--classic-listen", "192.0.2.1:1"], env=environment)
    assert done.returncode == 1
    supervisor.setblocking(False)
    with pytest.raises(BlockingIOError):
        supervisor.recv(100)
