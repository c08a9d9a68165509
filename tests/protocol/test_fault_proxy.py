"""The proxy that other tests put between clients and relay does each fault where it says."""

import socket
import threading
import time

import pytest

from parley_tests.fault_proxy import DEADLY, DIRECTIONS, KINDS, Fault, FaultProxy, SeededPlan, every
from parley_tests.waiting import eventually


@pytest.fixture
def through(clients):
    """through(plan): the proxy, and both ends of one connection through it."""

    def connect(*faults, **options):
        listener = socket.create_server(("127.0.0.1", 0))
        proxy = FaultProxy(listener.getsockname(), plan=lambda number: list(faults), **options).start()
        client = socket.create_connection(proxy.address, timeout=60)
        server, _ = listener.accept()
        server.settimeout(60)
        clients.extend([proxy, listener, client, server])
        return proxy, client, server

    return connect


def read_all(sock):
    data = b""
    try:
        while piece := sock.recv(65536):
            data += piece
    except ConnectionResetError:
        return data, "reset"
    return data, "end"


def exactly(sock, size):
    data = b""
    while len(data) < size:
        data += sock.recv(size - len(data))
    return data


def test_without_faults(through):
    proxy, client, server = through(capture=True)
    blob = bytes(range(256)) * 4096
    sending = threading.Thread(target=client.sendall, args=[blob])
    sending.start()
    assert exactly(server, len(blob)) == blob
    sending.join()
    server.sendall(b"answer")
    assert client.recv(100) == b"answer"
    client.shutdown(socket.SHUT_WR)
    assert server.recv(1) == b""
    server.sendall(b"still heard")
    server.close()
    assert read_all(client) == (b"still heard", "end")
    assert bytes(proxy.captured[0, "up"]) == blob
    assert bytes(proxy.captured[0, "down"]) == b"answerstill heard"


@pytest.mark.parametrize("kind, end", [("cut", "end"), ("reset", "reset")])
@pytest.mark.parametrize("direction", ["up", "down"])
def test_an_end_at_its_byte(through, kind, end, direction):
    proxy, client, server = through(Fault(kind, direction, at=1000))
    talker, listener = (client, server) if direction == "up" else (server, client)
    talker.sendall(b"x" * 999)
    assert exactly(listener, 999) == b"x" * 999
    talker.sendall(b"yz")
    heard, ended = read_all(listener)
    # What a reset overtakes is lost to the reader: that is what resets do.
    assert heard == b"y" or (kind == "reset" and heard == b"")
    assert ended == end
    assert read_all(talker)[1] in ("end", "reset")
    assert [fault.kind for _, fault in proxy.done] == [kind]


def test_half_close(through):
    _, client, server = through(Fault("half-close", "up", at=4))
    client.sendall(b"four")
    assert read_all(server) == (b"four", "end")
    server.sendall(b"the other direction goes on")
    assert client.recv(100) == b"the other direction goes on"
    client.sendall(b"this goes nowhere" * 1000)
    server.sendall(b"!")
    assert client.recv(100) == b"!"


def test_drop(through):
    _, client, server = through(Fault("drop", "up", at=3, size=4))
    client.sendall(b"abcDROPdef")
    assert exactly(server, 6) == b"abcdef"


def test_split(through):
    _, client, server = through(Fault("split", "up", at=3, size=5))
    client.sendall(b"abc12345def")
    assert exactly(server, 11) == b"abc12345def"


def test_delay_holds_one_direction(through):
    _, client, server = through(Fault("delay", "up", at=2, seconds=0.5))
    begin = time.monotonic()
    client.sendall(b"abcd")
    assert exactly(server, 2) == b"ab"
    server.sendall(b"at once")
    assert client.recv(100) == b"at once"
    assert exactly(server, 2) == b"cd"
    assert time.monotonic() - begin >= 0.5


def test_stall_ends_in_a_reset(through):
    _, client, server = through(Fault("stall", "down", at=0, seconds=2))
    begin = time.monotonic()
    client.sendall(b"nobody hears this")
    server.sendall(b"nor this")
    assert read_all(client) == (b"", "reset")
    assert time.monotonic() - begin >= 1
    assert read_all(server)[1] == "reset"


def test_at_a_time(through):
    proxy, client, server = through(Fault("cut", after=2))
    client.sendall(b"before")
    assert read_all(server) == (b"before", "end")
    assert len(proxy.done) == 1


def test_by_hand(through):
    proxy, client, server = through()
    client.sendall(b"x")
    assert server.recv(1) == b"x"
    proxy.end_all("reset")
    assert read_all(client)[1] == read_all(server)[1] == "reset"


def test_the_limit_leaves_in_peace(through):
    proxy, client, server = through(Fault("split", size=1), Fault("cut", at=10))
    proxy.limit = 1
    client.sendall(b"x" * 20)
    assert exactly(server, 20) == b"x" * 20
    assert [fault.kind for _, fault in proxy.done] == ["split"]


def test_a_server_that_is_not_there(clients):
    listener = socket.create_server(("127.0.0.1", 0))
    proxy = FaultProxy(listener.getsockname()).start()
    clients.append(proxy)
    listener.close()
    with socket.create_connection(proxy.address, timeout=60) as client:
        assert read_all(client)[0] == b""
    eventually(lambda: proxy.connections == 1, "it was counted")


def test_a_seed_gives_the_same_faults_again():
    plans = [[SeededPlan(seed)(number) for number in range(200)] for seed in (7, 7, 8)]
    assert plans[0] == plans[1] != plans[2]
    for faults in plans[0]:
        for direction in DIRECTIONS:
            kinds = [fault.kind for fault in faults if fault.direction == direction]
            assert kinds[-1] in DEADLY and not any(kind in DEADLY for kind in kinds[:-1])
    assert {fault.kind for faults in plans[0] for fault in faults} == set(KINDS)
    assert every(5)(3) == [Fault("cut", "up", at=5)]
