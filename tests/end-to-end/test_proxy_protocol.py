"""Behind a proxy that says for whom it connects, clients count for their own addresses; nobody else is believed."""

import shutil
import signal
import socket
import subprocess

import pytest
from parley_tests.proxy_header import LOCAL, SIGNATURE, UNKNOWN, block, line
from parley_tests.relay_client import RelayClient
from parley_tests.waiting import PATIENCE, eventually

PROXY = "127.0.0.2"  # and whoever comes from 127.0.0.1 is no proxy


@pytest.fixture
def behind_proxy(start_relay):
    """A relay whose clients of the classic protocol come through the proxy."""

    def start(**options):
        return start_relay(proxy_protocol=f"{PROXY},2001:db8:ffff::/48", log_level="debug", **options)

    return start


def through(address, preface, source=PROXY):
    """A connection that begins with what a proxy says."""
    sock = socket.create_connection(address, timeout=PATIENCE, source_address=(source, 0))
    sock.sendall(preface)
    return sock


def is_taken(relay, **options):
    wire = relay.wire(**options)
    try:
        return bool(wire.read(1))
    except ConnectionResetError:
        return False


def silent_wire(relay):
    """A connection from the proxy, if the relay waits for it to speak first."""
    wire = relay.wire(source=PROXY)
    wire.sock.settimeout(0.5)
    try:
        wire.read(1)
    except TimeoutError:
        wire.sock.settimeout(PATIENCE)
        return wire
    wire.close()
    return None


def test_logs_and_views_show_the_client(behind_proxy):
    relay = behind_proxy()
    a = relay.client(sock=through(relay.classic, line("203.0.113.7", 1111)))
    relay.wait_for_lobby(1)
    assert "203.0.113.7:1111" in relay.get("/api/v1/lobby")[1]
    with relay.one_more_session():
        b = relay.client(sock=through(relay.classic, block("2001:db8::9", 2222, more=b"\x04\x00\x01\x00")))
    a.say("through")
    assert b.hear() == "through"
    shown = relay.get("/api/v1/sessions")[1]
    assert "203.0.113.7:1111" in shown
    assert "[2001:db8::9]:2222" in shown
    a.close()
    assert b.clean_end() == b""
    eventually(lambda: relay.log_lines("session ended", "203.0.113.7:1111", "[2001:db8::9]:2222"), "the log line")
    assert PROXY not in relay.log()


def test_limits_count_the_client(behind_proxy):
    relay = behind_proxy(max_connections_per_address="2", max_connections="8")
    for _ in range(2):
        assert is_taken(relay, sock=through(relay.classic, line("203.0.113.7")))
    assert not is_taken(relay, sock=through(relay.classic, block("203.0.113.7")))
    relay.wait_for_refusals("address-limit", 1)
    eventually(lambda: relay.log_lines("connection refused", "203.0.113.7:40000", "address-limit"), "the log line")
    # One customer has a /64 of IPv6.
    assert is_taken(relay, sock=through(relay.classic, block("2001:db8:1:2::1")))
    assert is_taken(relay, sock=through(relay.classic, line("2001:db8:1:2:ffff::")))
    assert not is_taken(relay, sock=through(relay.classic, line("2001:db8:1:2::3")))
    relay.wait_for_refusals("address-limit", 2)
    # What the proxy does for itself counts for its own address.
    for header in (LOCAL, UNKNOWN):
        assert is_taken(relay, sock=through(relay.classic, header))
    assert not is_taken(relay, sock=through(relay.classic, LOCAL))
    relay.wait_for_refusals("address-limit", 3)
    # Before the header only the limit on connections in all holds: six are there, and who says nothing yet counts.
    silent = [relay.wire(source=PROXY) for _ in range(2)]
    eventually(lambda: relay.metric("parley_connections") == 8, "all places are taken")
    assert not is_taken(relay, source=PROXY)
    relay.wait_for_refusals("overloaded", 1)
    silent[0].send(line("203.0.113.8"))
    assert silent[0].read(1)


def test_nobody_else_is_believed(behind_proxy):
    relay = behind_proxy(max_connections_per_address="2")
    # Served before it has said anything: no header is waited for.
    first = relay.wire()
    first.read_key()
    for number, header in enumerate((line("203.0.113.7"), block("203.0.113.7")), 1):
        relay.wire(sock=through(relay.classic, header + b"x" * 4096, source="127.0.0.1")).end()
        relay.wait_for_ends("bad-key", number)
        eventually(lambda: relay.metric("parley_connections") == 1, "its place is free again")
    second = relay.wire()
    second.read_key()
    liar = through(relay.classic, line("203.0.113.7"), source="127.0.0.1")
    assert not is_taken(relay, sock=liar), "it counts for its own address"
    relay.wait_for_refusals("address-limit", 1)
    for wire in (first, second):
        wire.close()
    relay.signal(signal.SIGTERM)
    assert relay.exit_status() == 0  # the log is complete
    assert "203.0.113.7" not in relay.log()


def test_who_has_gone_within_its_header_is_not_waited_for(behind_proxy):
    relay = behind_proxy(handshake_timeout="10m")
    relay.wire(source=PROXY).close()
    through(relay.classic, block("203.0.113.7")[:20]).close()
    relay.wait_for_refusals("bad-proxy-header", 2)
    late = through(relay.classic, block("203.0.113.7")[:20])
    eventually(lambda: relay.metric("parley_connections") == 1, "it is there")
    late.close()
    relay.wait_for_refusals("bad-proxy-header", 3)


def test_what_is_no_header_ends_the_connection(behind_proxy):
    relay = behind_proxy(handshake_timeout="3s")
    bad = [
        b"-----BEGIN RSA PUBLIC KEY-----\n",
        b"PROXY TCP4 203.0.113.7 192.0.2.1 40000\r\n",
        b"PROXY TCP4 203.0.113.7 192.0.2.1 40000 443\n",
        b"PROXY UNKNOWN " + b"x" * 100,
        SIGNATURE + b"\x31\x11\x00\x0c" + bytes(12),
        SIGNATURE + b"\x21\x11\xff\xff",
    ]
    for header in bad:
        assert relay.wire(sock=through(relay.classic, header)).end() == b""
    relay.wait_for_refusals("bad-proxy-header", len(bad))
    # Late, cut off, or none at all.
    assert relay.wire(sock=through(relay.classic, line("203.0.113.7")[:-1])).end() == b""
    assert relay.wire(source=PROXY).end() == b""
    cut = relay.wire(sock=through(relay.classic, block("203.0.113.7")[:20]))
    cut.close()
    relay.wire(source=PROXY).close()
    relay.wait_for_refusals("bad-proxy-header", len(bad) + 4)
    eventually(lambda: relay.log_lines("bad-proxy-header", f"address={PROXY}:"), "the log line")
    assert relay.metric("parley_connections_total", protocol="classic") == 0
    eventually(lambda: relay.metric("parley_connections") == 0, "nothing is left of them")
    relay.wait_for_keys()
    assert is_taken(relay, sock=through(relay.classic, line("203.0.113.7")))


def test_a_header_in_pieces(behind_proxy):
    relay = behind_proxy()
    for header in (line("203.0.113.7"), block("203.0.113.8", more=bytes(100))):
        wire = relay.wire(source=PROXY)
        for byte in header:
            wire.send(bytes([byte]))
        wire.read_key()


def test_who_says_nothing_does_not_hold_up_a_drain(behind_proxy):
    relay = behind_proxy(drain_timeout="60s")
    wire = relay.wire(sock=through(relay.classic, b"PROXY "))
    eventually(lambda: relay.metric("parley_connections") == 1, "it is there")
    relay.signal(signal.SIGTERM)
    assert wire.end() == b""
    assert relay.exit_status(timeout=30) == 0


@pytest.mark.parametrize("header", [line, block])
def test_relay_1_behind_a_proxy(start_rooms, clients, header):
    rooms = start_rooms(proxy_protocol=PROXY, max_connections_per_address="2")

    def connect(address):
        client = RelayClient(rooms.address, pin=rooms.pin, sock=through(rooms.address, header(address)))
        clients.append(client)
        return client

    first = connect("203.0.113.7").hello("room")
    first.wait()
    assert "203.0.113.7:40000" in rooms.relay.get("/api/v1/lobby")[1]
    second = connect("203.0.113.7").hello("room")
    for client in (first, second):
        client.pair()
    first.say(b"through")
    assert second.hear() == b"through"
    with pytest.raises(OSError):
        connect("203.0.113.7")
    refused = lambda reason: rooms.relay.metric("parley_refused_total", protocol="relay", reason=reason)  # noqa: E731
    eventually(lambda: refused("address-limit") == 1, "the third of one address is refused")
    connect("203.0.113.8").hello("room")
    # No header is guessed: TLS alone is refused from a proxy, and a header from anybody else.
    with pytest.raises(OSError):
        RelayClient(rooms.address, sock=through(rooms.address, b""))
    eventually(lambda: refused("bad-proxy-header") == 1, "no header")
    with pytest.raises(OSError):
        RelayClient(rooms.address, sock=through(rooms.address, header("203.0.113.9"), source="127.0.0.1"))
    rooms.wait()


def test_a_reload_changes_who_is_believed(start_relay, tmp_path):
    config = tmp_path / "parley.toml"
    config.write_text("")
    relay = start_relay(config=config)
    relay.wire(source=PROXY).read_key()
    config.write_text(f'proxy-protocol = ["{PROXY}"]\n')
    relay.signal(signal.SIGHUP)
    eventually(lambda: relay.metric("parley_reloads_total", result="ok") == 1, "the reload")
    # Each shard takes it over by itself, perhaps a little later: until then a connection is served unasked.
    waiting = eventually(lambda: silent_wire(relay), "no word without a header")
    waiting.send(line("203.0.113.7"))
    waiting.read_key()


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
def test_curl_as_the_proxy(behind_proxy):
    """The header as a program of others writes it. What curl says then is no key."""
    relay = behind_proxy(handshake_timeout="3s")
    relay.wait_for_keys()
    host, port = relay.classic
    command = ["curl", "-s", "--http0.9", "--haproxy-protocol", "--interface", PROXY, f"http://{host}:{port}/"]
    subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
    eventually(lambda: relay.metric("parley_connections_total", protocol="classic") == 1, "curl's header is taken")
    assert relay.refused("bad-proxy-header") == 0
    eventually(lambda: relay.log_lines("leg ended", f"address={PROXY}:"), "its end")
