"""docs/operations.md bounds parleyd's memory by its configuration. Here every connection there may be is a hostile one that
makes the relay hold as much as it can, in both protocols and at every stage."""

import itertools
import json
import resource

import pytest

from parley_tests import keys
from parley_tests.clients import BlockClient, Wire
from parley_tests.floods import Flood, until_nothing_more_goes
from parley_tests.frames import MAX_PAYLOAD, Type, frame
from parley_tests.memory import is_sanitized, peak_resident, resident
from parley_tests.processes import program
from parley_tests.relay_client import RelayClient
from parley_tests.segments import connect_narrowly
from parley_tests.waiting import eventually

OF_EACH_KIND = 40
KIB = 1024

HALF_A_KEY = b"-----BEGIN RSA PUBLIC KEY-----\n" + b"MIIBCgKCAQEA" * 330
PINGS = frame(Type.PING, b"12345678") * (MAX_PAYLOAD // 12)
DATA = frame(Type.DATA, bytes(MAX_PAYLOAD))


ADMIN_LISTENER = 8 * KIB * KIB


def bound(connections, buffer_limit):
    """What the documents say: at rest, and for the connections."""
    return 64 * KIB * KIB, connections * (2 * buffer_limit + 64 * KIB)


def client_hello(length):
    """The beginning of a TLS handshake whose first message is that long, as long as it may be without its last byte."""
    message = b"\x01" + length.to_bytes(3, "big") + bytes(length - 1)
    records = [message[at : at + 16384] for at in range(0, len(message), 16384)]
    return b"".join(b"\x16\x03\x01" + len(record).to_bytes(2, "big") + record for record in records)


@pytest.mark.skipif(is_sanitized(program("parleyd")), reason="a sanitizer's own memory is measured too")
@pytest.mark.parametrize("buffer_kib, options", [(4, {}), (64, {}), (4, {"message_rate_per_connection": "0.01"})])
def test_every_buffer_full(start_relay, certificate, clients, buffer_kib, options):
    forever = dict.fromkeys(["handshake_timeout", "wait_timeout", "idle_timeout", "write_timeout"], "none")
    identity = {"cert": certificate.certificate, "key": certificate.key, "relay_listen": "127.0.0.1:0"}
    kinds = 7
    relay = start_relay(
        max_connections=kinds * OF_EACH_KIND, buffer_limit=f"{buffer_kib}K", **forever | identity | options
    )
    address = relay.address_of("relay")
    at_rest = resident(relay.pid)
    numbers = itertools.count()

    def opened(client):
        clients.append(client)
        return client

    def classic():
        return opened(BlockClient(relay.classic, sock=connect_narrowly(relay.classic)))

    def secure():
        return opened(RelayClient(address, sock=connect_narrowly(address)))

    def pair():
        room = f"room-{next(numbers)}"
        first = secure().hello(room)
        first.wait()
        second = secure().hello(room)
        first.pair()
        second.pair()
        return first, second

    crowd = []
    each = range(OF_EACH_KIND)
    for _ in each:  # half a key
        crowd.append(Flood(opened(Wire(relay.classic, sock=connect_narrowly(relay.classic))), once=HALF_A_KEY))
    for _ in each:  # half a TLS handshake
        wire = opened(Wire(address, sock=connect_narrowly(address)))
        crowd.append(Flood(wire, once=client_hello(16_384)))
    for _ in each:  # no HELLO
        crowd.append(Flood(secure(), again=PINGS))
    for _ in each:  # waits
        client = secure().hello(f"alone-{next(numbers)}")
        client.wait()
        crowd.append(Flood(client, once=PINGS[:-1], again=PINGS[-1:] + PINGS[:-1]))
    # Records that end within a frame.
    straddling = {"once": DATA[:-1], "again": DATA[-1:] + DATA[:-1]}
    for _ in each[::2]:  # a flood each way
        crowd += [Flood(client, **straddling) for client in pair()]
    for _ in each[::2]:  # a flood for one that only wants answers
        first, second = pair()
        crowd += [Flood(first, **straddling), Flood(second, again=PINGS)]
    for _ in each[::2]:  # the same in classic
        first, second = classic(), classic()
        block = first.seal("x") * 100
        crowd += [Flood(first, again=block), Flood(second, again=second.seal("x") * 100)]

    base, most = bound(kinds * OF_EACH_KIND, buffer_kib * KIB)
    until_nothing_more_goes(crowd, lambda: resident(relay.pid) > 2 * (base + most))
    held = relay.metric("parley_buffered_bytes")
    connections = relay.metric("parley_connections", protocol="classic") + relay.metric(
        "parley_connections", protocol="relay"
    )
    peak = peak_resident(relay.pid)
    print(
        f"\nbuffer limit {buffer_kib} KiB {options}: {connections:.0f} connections left of {kinds * OF_EACH_KIND}; at rest "
        f"{at_rest / KIB / KIB:.1f} MiB of {base / KIB / KIB:.0f}, at most {(peak - at_rest) / KIB / KIB:.1f} MiB more of "
        f"{most / KIB / KIB:.1f}; buffered {held / KIB / KIB:.1f} MiB"
    )
    assert connections == kinds * OF_EACH_KIND
    assert held > OF_EACH_KIND * 32 * KIB  # those of relay/1 alone
    assert at_rest < base
    assert peak - at_rest < most


@pytest.mark.skipif(is_sanitized(program("parleyd")), reason="a sanitizer's own memory is measured too")
def test_the_shortest_messages_take_no_more_than_others(start_rooms):
    rooms = start_rooms(write_timeout="none")
    at_rest = resident(rooms.relay.pid)
    crowd = []
    for _ in range(OF_EACH_KIND):
        first = rooms.connect(sock=connect_narrowly(rooms.address)).hello(room := rooms.new_room())
        first.wait()
        second = rooms.connect(sock=connect_narrowly(rooms.address)).hello(room)
        crowd += [Flood(client, again=frame(Type.DATA) * 4096) for client in (first, second) if client.pair()]
    _, most = bound(len(crowd), 64 * KIB)
    until_nothing_more_goes(crowd, lambda: resident(rooms.relay.pid) > at_rest + 2 * most)
    assert rooms.relay.metric("parley_buffered_bytes") > len(crowd) * 4 * KIB
    assert peak_resident(rooms.relay.pid) - at_rest < most


def begins_well(sock):
    try:
        return sock.recv(100).startswith(b"HTTP/1.1 200")
    except ConnectionError:
        return False


def many_sessions(relay, clients, sessions):
    """Of classic clients that share a key and say nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 2 * sessions + 1000), hard))
    key = keys.public_key(keys.private_key(512)).save_pkcs1()
    for _ in range(2 * sessions):
        clients.append(Wire(relay.classic))
        clients[-1].send(key)
    eventually(lambda: relay.metric("parley_sessions", protocol="classic", state="active") == sessions, "they have met")


@pytest.mark.skipif(is_sanitized(program("parleyd")), reason="a sanitizer's own memory is measured too")
@pytest.mark.parametrize("path", ["/api/v1/sessions?limit=1000", "/metrics", "/api/v1/status"])
def test_http_clients_that_take_large_answers_slowly(start_relay, clients, path):
    relay = start_relay(max_connections=2100, log_level="warning")
    many_sessions(relay, clients, 1000)
    before = resident(relay.pid)
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    for _ in range(5):
        crowd = [connect_narrowly(relay.admin) for _ in range(41)]
        for sock in crowd:
            sock.sendall(request * 3)
        # Those that were there first are cut for the later ones.
        assert any([begins_well(sock) for sock in crowd])
        for sock in crowd:
            sock.close()
    more = peak_resident(relay.pid) - before
    print(f"\n{path}: {more / KIB / KIB:.1f} MiB more of {ADMIN_LISTENER / KIB / KIB:.0f}")
    assert more < ADMIN_LISTENER
    status, body = relay.get("/api/v1/sessions?limit=1000")
    assert (status, len(json.loads(body)["sessions"])) == (200, 1000)
