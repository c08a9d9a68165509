"""The dashboard open for long on a relay with thousands of sessions that talk, come and go: neither may grow."""

import contextlib
import json
import os
import statistics
import subprocess
import threading
import time

from . import processes
from .load import RelayLoad, allow_many_descriptors
from .memory import resident
from .relay import Relay
from .rooms import Rooms

_MESSAGES_PER_S = 500
_LOOKS = 40  # at the page, over the whole time
_RELAY_MAY_KEEP = 5 << 20
_PAGE_MAY_GROW = 1 << 20
_NODES_MAY_GROW = 1000


class Page:
    def __init__(self, relay):
        command = ["node", processes.ROOT / "tests/browser/watch.mjs", "http://%s:%d" % relay.admin]
        self._process = processes.start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ)

    def look(self):
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self):
        self._process.stdin.close()
        self._process.wait()


def _come_and_go(relay, certificate, over):
    """A session a second begins and ends: what the page is told of by events."""
    clients = []
    rooms = Rooms(relay.address_of("relay"), certificate.pin, clients, relay)
    while not over.wait(1):
        rooms.pair()
        for client in clients:
            client.close()
        clients.clear()


def _talk(load, over):
    while not over.is_set():
        load.ask("paced 10 %d" % _MESSAGES_PER_S)


@contextlib.contextmanager
def _meanwhile(*tasks):
    over = threading.Event()
    threads = [threading.Thread(target=task, args=(over,)) for task in tasks]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _kept(relay, load):
    """What the relay holds with its sessions at rest."""
    load.ask("idle")
    time.sleep(10)  # until what is given back by and by has been
    return resident(relay.pid)


def run(certificate, sessions, seconds, report):
    """Whether the relay's memory came back, and the page's did not grow but for the hour of samples that it keeps: half a
    megabyte."""
    allow_many_descriptors()
    relay = Relay(relay_listen="127.0.0.1:0", cert=certificate.certificate, key=certificate.key, log_level="warning")
    relay.wait_until_ready()
    load = RelayLoad(relay.address_of("relay")[1], [relay.pid])
    load.ask("open %d" % sessions)
    tasks = [lambda over: _come_and_go(relay, certificate, over), lambda over: _talk(load, over)]
    with _meanwhile(*tasks):
        time.sleep(min(60, seconds))  # every session has talked
    before = _kept(relay, load)
    report("before: the relay holds %.1f MB for %d sessions" % (before / 2**20, sessions))
    looks = []
    with _meanwhile(*tasks):
        page, begun = Page(relay), time.monotonic()
        for number in range(1, _LOOKS + 1):
            time.sleep(max(0, begun + number * seconds / _LOOKS - time.monotonic()))
            looks.append(page.look())
            held = looks[-1]
            report("%5.1f min: page %.2f MB, %d nodes, %d listeners, %s; relay %.1f MB" % (
                (time.monotonic() - begun) / 60, held["heap"] / 2**20, held["nodes"], held["listeners"], held["phase"],
                resident(relay.pid) / 2**20))
        page.close()
    after = _kept(relay, load)
    load.end()
    wrong = relay.stop()
    second, last = looks[_LOOKS // 4 : _LOOKS // 2], looks[-_LOOKS // 4 :]
    usual = lambda looks, what: statistics.median(look[what] for look in looks)
    grown = {what: usual(last, what) - usual(second, what) for what in ("heap", "nodes")}
    report("the relay holds %+.2f MB; the page %+.2f MB and %+d nodes in its last quarter over its second; %s" % (
        (after - before) / 2**20, grown["heap"] / 2**20, grown["nodes"], wrong or "the relay reported nothing"))
    strange = [look for look in looks if look["phase"] != "live" or look["complaints"]]
    for look in strange[:5]:
        report("the page: %s" % look)
    return (after - before <= _RELAY_MAY_KEEP and grown["heap"] <= _PAGE_MAY_GROW and grown["nodes"] <= _NODES_MAY_GROW
            and not strange and not wrong)
