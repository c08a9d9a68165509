"""Sockets that a supervisor opens and hands over, as systemd does with socket units: they outlive each relay, and who
comes while there is none waits for the next."""

import os
import shutil
import signal
import socket
import subprocess

import pytest

from parley_tests import processes
from parley_tests.clients import BlockClient
from parley_tests.passed_sockets import PassedSockets
from parley_tests.ports import lasting_port
from parley_tests.relay_client import RelayClient
from parley_tests.rooms import Rooms
from parley_tests.waiting import PATIENCE, eventually


@pytest.fixture
def sockets(clients):
    clients.append(PassedSockets("classic", "relay", "admin"))
    return clients[-1]


@pytest.fixture
def start(start_relay, certificate, sockets):
    def started(**options):
        identity = {"cert": certificate.certificate, "key": certificate.key}
        return start_relay(**sockets.handed() | identity | options)

    return started


def connect(address, clients):
    """Without a word: one who waits until it is accepted."""
    clients.append(socket.create_connection(address, timeout=PATIENCE))
    return clients[-1]


def test_they_take_the_place_of_the_relay_s_own(start, sockets, clients, certificate):
    relay = start(shards=2)
    for name in ("classic", "relay", "admin"):
        assert relay.address_of(name) == sockets.address(name)
        assert relay.log_lines("listens at a socket that was passed", f"listener={name}")
    assert len(relay.listeners) == 3
    relay.assert_chat_works()
    Rooms(sockets.address("relay"), certificate.pin, clients).assert_pairs_talk()
    assert relay.get("/healthz")[0] == 200


def test_other_protocols_listen_as_they_are_configured(start_relay, clients):
    clients.append(PassedSockets("admin"))
    relay = start_relay(**clients[-1].handed())
    assert relay.admin == clients[-1].address("admin")
    relay.assert_chat_works()


def test_who_comes_while_no_relay_runs_is_served_by_the_next(start, sockets, clients, certificate):
    first = start()
    first.signal(signal.SIGTERM)
    assert first.exit_status() == 0
    early = {name: connect(sockets.address(name), clients) for name in ("classic", "relay", "admin")}
    early["admin"].sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
    second = start()
    waits = BlockClient(None, sock=early["classic"])
    clients.append(waits)
    second.wait_for_lobby(1)
    clients.append(BlockClient(sockets.address("classic")))
    waits.say("I was here first")
    assert clients[-1].hear() == "I was here first"
    assert early["admin"].recv(100).startswith(b"HTTP/1.1 200 ")
    clients.append(RelayClient(None, sock=early["relay"], pin=certificate.pin).hello("room"))
    clients[-1].wait()


def test_who_comes_during_a_drain_waits_for_the_next_process(start, sockets, clients):
    first = start(drain_timeout="10m", shards=2)
    a, b = first.pair()
    assert sockets.held_by(first.pid, "classic") == 2
    first.signal(signal.SIGTERM)
    eventually(lambda: sockets.held_by(first.pid, "classic") == 0, "it takes nobody any more")
    early = [connect(sockets.address("classic"), clients) for _ in range(2)]
    second = start()  # beside it
    pair = [BlockClient(None, sock=one) for one in early]
    clients.extend(pair)
    pair[0].say("by the second")
    assert pair[1].hear() == "by the second"
    b.say("by the first")
    assert a.hear() == "by the first"
    a.close()
    assert first.exit_status() == 0
    # What the first one has closed is not closed for the second.
    second.assert_chat_works()
    assert second.get("/healthz")[0] == 200


def test_its_environment_and_its_sockets_are_its_own(start, sockets):
    """What it may start one day is to get neither."""
    relay = start()
    flags = {}
    for number in os.listdir(f"/proc/{relay.pid}/fdinfo"):
        if os.readlink(f"/proc/{relay.pid}/fd/{number}").startswith("socket:"):
            with open(f"/proc/{relay.pid}/fdinfo/{number}") as info:
                flags[number] = int(next(line for line in info if line.startswith("flags")).split()[1], 8)
    assert len(flags) >= 3
    assert all(one & os.O_CLOEXEC and one & os.O_NONBLOCK for one in flags.values()), flags


@pytest.mark.parametrize(
    "other, said",
    [
        ({"LISTEN_FDNAMES": "classic:relay:web"}, "passed as web, is nothing known; FileDescriptorName="),
        ({"LISTEN_FDNAMES": "classic:relay"}, "LISTEN_FDS is 3, and LISTEN_FDNAMES has 2 names"),
        ({"LISTEN_FDS": "many"}, "LISTEN_FDS=many: not a number"),
        ({"LISTEN_FDS": "4", "LISTEN_FDNAMES": "classic:relay:admin:admin"}, "the descriptor 6, passed as admin, is"),
        ({}, "a socket was passed for relay/1, and there is no certificate"),
    ],
)
def test_a_mistake_is_one_line(sockets, other, said):
    handed = sockets.handed(**other)
    command = [*handed["launcher"], processes.program("parleyd")]
    environment = processes.clean_environment(**handed["env"])
    done = processes.run(command, env=environment, pass_fds=handed["pass_fds"])
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def knock(address):
    try:
        return socket.create_connection(address, timeout=PATIENCE)
    except ConnectionRefusedError:
        return None


def test_by_systemd_s_own_program(clients):
    activate = shutil.which("systemd-socket-activate")
    if not activate:
        pytest.skip("no systemd-socket-activate")
    address = ("127.0.0.1", lasting_port())
    kept = [f"--setenv={name}" for name in os.environ if name.endswith("SAN_OPTIONS")]  # it leaves out what is not named
    listen = [activate, *kept, "--fdname=classic", "--listen=%s:%d" % address]
    relay = processes.start(
        [*listen, processes.program("parleyd"), "--admin-listen=none"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        # It starts the relay when somebody comes, who waits until then.
        first = BlockClient(None, sock=eventually(lambda: knock(address), "it listens"))
        clients.append(first)
        clients.append(BlockClient(address))
        first.say("woken")
        assert clients[-1].hear() == "woken"
        relay.terminate()
        first.close()
        assert relay.wait(PATIENCE) == 0
    finally:
        relay.kill()
        relay.wait()
