"""Whatever is stuck, parleyd ends when it is told to, and says by its status how."""

import contextlib
import signal
import socket
import subprocess
import time

import pytest

from parley_tests import processes, stuck
from parley_tests.clients import BlockClient
from parley_tests.ports import lasting_port
from parley_tests.relay import as_arguments
from parley_tests.waiting import eventually

ENDS_WELL, ENDS_BY_FORCE = {0}, {3}


class Running:
    """A parleyd with a session, whose standard output and error may be anything."""

    def __init__(self, opened, drain_timeout, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options):
        self.opened = opened
        self.classic, self.admin = [("127.0.0.1", lasting_port()) for _ in range(2)]
        settings = {
            "classic_listen": "%s:%d" % self.classic,
            "admin_listen": "%s:%d" % self.admin,
            "drain_timeout": drain_timeout,
            "classic_key_pool": "4",
            "write_timeout": "none",
        }
        command = [processes.program("parleyd"), *as_arguments(settings | options)]
        self.process = processes.start(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)
        opened.callback(self._kill)
        self.pid = self.process.pid
        self.stopped = []
        eventually(self._answers, "it serves")
        self.first = self.client()
        self.second = self.client()
        self.first.say("hello")
        assert self.second.hear() == "hello"

    def _answers(self):
        assert self.process.poll() is None, "it has ended"
        with contextlib.suppress(OSError), self.http(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n") as sock:
            return sock.recv(100).startswith(b"HTTP/1.1 200")
        return False

    def client(self):
        return self.opened.enter_context(contextlib.closing(BlockClient(self.classic)))

    def http(self, text):
        sock = self.opened.enter_context(socket.create_connection(self.admin, timeout=30))
        sock.sendall(text)
        return sock

    def stop_threads(self, name):
        found = stuck.threads(self.pid, name)
        assert found, f"no thread is called {name}"
        for thread in found:
            stuck.stop_thread(thread)
        self.stopped += found

    def signal(self):
        self.process.send_signal(signal.SIGTERM)
        stuck.all_signals_taken(self.pid)

    def has_ended(self):
        for thread in self.stopped:
            if thread != self.pid:
                stuck.reap(thread)
        return self.process.poll() is not None

    def _kill(self):
        self.process.kill()
        eventually(self.has_ended, "it is gone")


def nothing(running):
    pass


def stopped(name):
    return lambda running: running.stop_threads(name)


def stop_main(running):
    stuck.stop_thread(running.pid)
    running.stopped.append(running.pid)


def http_client_that_does_not_read(running):
    running.http(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n" * 90)


def http_client_with_half_a_request(running):
    running.http(b"GET /metrics HTTP/1.1\r\nHost: loc")


def client_that_does_not_read(running):
    running.first.sock.settimeout(0.2)
    with contextlib.suppress(TimeoutError):
        while True:
            running.first.send(running.first.seal("never read") * 64)


def client_with_half_a_key(running):
    sock = running.opened.enter_context(socket.create_connection(running.classic))
    sock.sendall(b"-----BEGIN RSA")


# What is stuck: where the log goes, where standard output goes, what is done to it, and how it ends.
WAYS = {
    "log-full-pipe": ({"stderr": stuck.full_pipe}, nothing, ENDS_WELL),
    "log-full-socket": ({"stderr": stuck.full_socket}, nothing, ENDS_WELL),
    "log-paused-terminal": ({"stderr": stuck.paused_terminal}, nothing, ENDS_WELL),
    "output-full-pipe": ({"stdout": stuck.full_pipe}, nothing, ENDS_WELL),
    "output-paused-terminal": ({"stdout": stuck.paused_terminal}, nothing, ENDS_WELL),
    "http-client-does-not-read": ({}, http_client_that_does_not_read, ENDS_WELL),
    "http-client-half-a-request": ({}, http_client_with_half_a_request, ENDS_WELL),
    "client-does-not-read": ({}, client_that_does_not_read, ENDS_WELL),
    "client-half-a-key": ({}, client_with_half_a_key, ENDS_WELL),
    "shard": ({}, stopped("shard"), ENDS_BY_FORCE),
    # What only they would still do is of no use to anybody.
    "worker": ({}, stopped("rsa"), ENDS_WELL),
    "key-maker": ({}, stopped("keys"), ENDS_WELL),
    "admin": ({}, stopped("admin"), ENDS_BY_FORCE),
    "log-thread": ({}, stopped("lines"), ENDS_WELL | ENDS_BY_FORCE),  # whichever is over first: its wait, or all
    "main-thread": ({}, stop_main, ENDS_BY_FORCE),
    "shard-and-log": ({"stderr": stuck.full_pipe}, stopped("shard"), ENDS_BY_FORCE),
}


@pytest.fixture
def opened():
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.mark.parametrize("signals", [1, 2], ids=["deadline", "second-signal"])
@pytest.mark.parametrize("way", WAYS)
def test_nothing_that_is_stuck_keeps_it_from_ending(opened, way, signals):
    streams, act, status = WAYS[way]
    given = {name: opened.enter_context(stream()) for name, stream in streams.items()}
    running = Running(opened, "1s" if signals == 1 else "10m", workers="2", shards="2", **given)
    act(running)
    for _ in range(signals):
        running.signal()
    told = time.monotonic()
    eventually(running.has_ended, "it ends")
    took = time.monotonic() - told
    print(f"\n{way}: {took:.2f} s, status {running.process.returncode}")  # documented: 3 s after the deadline at most
    assert running.process.returncode in status


def test_a_third_signal_ends_it_there_and_then(opened):
    running = Running(opened, "10m")
    stop_main(running)
    for _ in range(2):
        running.signal()
    running.process.send_signal(signal.SIGINT)
    eventually(running.has_ended, "it ends")
    assert running.process.returncode in ENDS_BY_FORCE
