"""A client whose network changes below it, as a laptop's does: another link and address, no word from the old one."""

import os
import shutil
import time

import pytest

from parley_tests import processes
from parley_tests.programs import MortalRelay, Program, new_invite
from parley_tests.waiting import eventually

RELAY = "192.0.2.1"  # of its own namespace's loopback; 192.0.2.0/24 and its like below are for documents: nobody's
LINKS = {"cable": "198.51.100", "radio": "203.0.113"}


class Networks:
    """Two namespaces, for the relay and for the laptop, and links between them that come and go."""

    def __init__(self):
        self.relay, self.laptop = f"parley-relay-{os.getpid()}", f"parley-laptop-{os.getpid()}"
        self._ip("netns", "add", self.relay)
        self._ip("netns", "add", self.laptop)
        for namespace in (self.relay, self.laptop):
            self._ip("-n", namespace, "link", "set", "lo", "up")
        self._ip("-n", self.relay, "address", "add", RELAY + "/32", "dev", "lo")

    @staticmethod
    def _ip(*arguments):
        done = processes.run(["ip", *arguments])
        if done.returncode != 0:
            raise OSError(done.stderr.strip())

    def plug_in(self, link):
        net = LINKS[link]
        self._ip("-n", self.relay, "link", "add", link, "type", "veth", "peer", "name", link, "netns", self.laptop)
        for namespace, host in ((self.relay, 1), (self.laptop, 2)):
            self._ip("-n", namespace, "address", "add", f"{net}.{host}/24", "dev", link)
            self._ip("-n", namespace, "link", "set", link, "up")
        self._ip("-n", self.laptop, "route", "add", RELAY, "via", f"{net}.1")

    def pull_out(self, link):
        """At once and for good: neither end of the connection hears of it."""
        self._ip("-n", self.laptop, "link", "delete", link)

    def run_in(self, namespace):
        return ["ip", "netns", "exec", namespace]

    def close(self):
        for namespace in (self.relay, self.laptop):
            processes.run(["ip", "netns", "delete", namespace])


@pytest.fixture
def networks():
    if not shutil.which("ip"):
        pytest.skip("no ip command: install iproute2")
    made = None
    try:
        made = Networks()
        made.plug_in("cable")
    except OSError as error:
        if made:
            made.close()
        pytest.skip(f"network namespaces are not permitted here: {error}")
    yield made
    made.close()


@pytest.mark.needs_root
def test_another_link_and_address(networks, clients, tmp_path, certificate):
    relay = MortalRelay(
        tmp_path, certificate, relay_listen=f"{RELAY}:0", launcher=networks.run_in(networks.relay), admin_listen="none"
    )
    clients.append(relay)
    invite = new_invite(relay.pin)(relay.address)
    laptop = Program("pipe", invite=invite, directory=tmp_path, launcher=networks.run_in(networks.laptop))
    clients.append(laptop)
    other = Program("pipe", invite=invite, directory=tmp_path, launcher=networks.run_in(networks.relay))
    clients.append(other)
    laptop.type("by cable")
    other.hears("by cable\n")
    pulled_out = time.monotonic()
    networks.pull_out("cable")
    laptop.type("into the void")
    other.type("to nobody")
    networks.plug_in("radio")
    laptop.type("by radio")
    # After 10 s without a word it asks, and after 10 more it takes the path for dead.
    eventually(lambda: "connecting again" in laptop.errors(), laptop.errors)
    assert time.monotonic() - pulled_out < 30
    for program, text in ((other, b"by cable\ninto the void\nby radio\n"), (laptop, b"to nobody\n")):
        eventually(lambda: program.output() == text, lambda: f"{text}: {program.output()} {program.errors()}")
    for program in (laptop, other):
        program.finish_input()
    assert [program.exit_status() for program in (laptop, other)] == [0, 0]
