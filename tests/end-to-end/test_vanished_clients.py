"""Clients whose machine, or the way to it, is gone without a word (no FIN, no RST): with everything as shipped, who is
with them is told within 45 s, and nobody meets one of them."""

import shutil
import signal
import time

import pytest

from parley_tests.clients import BlockClient
from parley_tests.namespaces import Network, inside
from parley_tests.relay_client import RelayClient
from parley_tests.waiting import eventually

pytestmark = pytest.mark.needs_root

TOLD_WITHIN = 45
LATELY = 1  # seconds: a sign of life that is no older is taken for one, docs/classic-protocol.md


@pytest.fixture
def network():
    if not shutil.which("ip"):
        pytest.skip("no ip command: install iproute2")
    try:
        made = Network()
    except OSError as error:
        pytest.skip(f"network namespaces are not permitted here: {error}")
    yield made
    made.close()


class Relay:
    """Both protocols, in a network of its own."""

    def __init__(self, network, start_relay, certificate, clients, **options):
        self.network, self._clients, self._certificate = network, clients, certificate
        with inside(network.relay):
            self.relay = start_relay(
                classic_listen=f"{network.ADDRESS}:0",
                relay_listen=f"{network.ADDRESS}:0",
                cert=certificate.certificate,
                key=certificate.key,
                launcher=network.launcher(),
                wait_timeout=None,
                **options,
            )
        self._ports = {name: self.relay.address_of(name)[1] for name in ("classic", "relay")}

    def connect(self, protocol, place):
        sock = self.network.connect(place, self._ports[protocol])
        if protocol == "classic":
            client = BlockClient(self.relay.classic, sock=sock)
        else:
            client = RelayClient(self.relay.address_of("relay"), pin=self._certificate.pin, sock=sock)
        self._clients.append(client)
        return client

    def wait(self, protocol, place, room):
        client = self.connect(protocol, place)
        if protocol == "relay":
            client.hello(room).wait()
        with inside(self.network.relay):
            eventually(lambda: self.relay.metric("parley_lobby_legs", protocol=protocol) == 1, "it waits")
        return client

    def pair(self, protocol, first, second, room):
        a = self.wait(protocol, first, room)
        b = self.connect(protocol, second)
        if protocol == "relay":
            b.hello(room)
            for client in (a, b):
                client.pair()
        say(protocol, a, "hello")
        assert hear(protocol, b) == "hello"
        return a, b


def say(protocol, client, text):
    client.say(text if protocol == "classic" else text.encode())


def hear(protocol, client):
    return client.hear() if protocol == "classic" else client.hear().decode()


def told(protocol, client):
    """Waits until the client hears that its partner is gone."""
    client.sock.settimeout(2 * TOLD_WITHIN)
    if protocol == "classic":
        client.end()
    else:
        assert client.peer_left()["reason"] == "lost"


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "spoken-to"])
@pytest.mark.parametrize("protocol", ["classic", "relay"])
def test_the_partner_is_told(network, start_relay, certificate, clients, protocol, busy):
    relay = Relay(network, start_relay, certificate, clients)
    here, there = network.place(), network.place()
    staying, _ = relay.pair(protocol, here, there, "room")
    network.vanish(there)
    vanished = time.monotonic()
    if busy:
        say(protocol, staying, "are you there?")
    told(protocol, staying)
    took = time.monotonic() - vanished
    print(f"\n{protocol}: told after {took:.1f} s")
    assert 20 < took < TOLD_WITHIN


@pytest.mark.parametrize("protocol", ["classic", "relay"])
def test_nobody_meets_one_who_waited_and_vanished(network, start_relay, certificate, clients, protocol):
    relay = Relay(network, start_relay, certificate, clients)
    here, there = network.place(), network.place()
    relay.wait(protocol, there, "room")
    network.vanish(there)
    vanished = time.monotonic()
    eventually(lambda: time.monotonic() > vanished + 1.5 * LATELY, "its last sign of life is old")
    newcomer = relay.connect(protocol, here)
    if protocol == "relay":
        newcomer.hello("room").wait()
    other = relay.connect(protocol, here)
    if protocol == "relay":
        other.hello("room")
        for client in (newcomer, other):
            client.pair()
    say(protocol, newcomer, "who is there?")
    assert hear(protocol, other) == "who is there?"
    print(f"\n{protocol}: met after {time.monotonic() - vanished:.1f} s")


def test_one_who_waits_long_is_met_at_once(start_relay):
    relay = start_relay()
    waiting = relay.client()
    relay.wait_for_lobby(1)
    began = time.monotonic()
    eventually(lambda: time.monotonic() > began + 1.5 * LATELY, "its last sign of life is old")
    before = time.monotonic()
    newcomer = relay.client()
    newcomer.say("hello")
    assert waiting.hear() == "hello"
    assert time.monotonic() - before < 4  # the time for a sign of life is 5 s


def test_a_reload_changes_when_they_are_noticed(network, start_relay, certificate, clients, tmp_path):
    config = tmp_path / "parley.toml"
    config.write_text('write-timeout = "1h"\n')
    relay = Relay(network, start_relay, certificate, clients, config=config)
    here, there = network.place(), network.place()
    staying, _ = relay.pair("classic", here, there, "room")
    config.write_text('write-timeout = "5s"\n')
    with inside(network.relay):
        relay.relay.signal(signal.SIGHUP)
        eventually(lambda: relay.relay.metric("parley_reloads_total", result="ok") == 1, "it has reloaded")
    network.vanish(there)
    vanished = time.monotonic()
    told("classic", staying)
    assert time.monotonic() - vanished < TOLD_WITHIN
