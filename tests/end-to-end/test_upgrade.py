"""The next parleyd takes the place of one that is told to stop, on one host: the old ends before the new begins, or, where
a supervisor hands both the same sockets, beside it."""

import signal
import threading
import time

from parley_tests import update_trial
from parley_tests.clients import BlockClient
from parley_tests.ports import lasting_port
from parley_tests.programs import MortalRelay, Program, new_invite
from parley_tests.waiting import eventually

LONGEST_GAP = 20  # seconds; 3 on a machine at rest, and 50 where one protocol waited for the other's drain


class Talk:
    """A line every 50 ms from one to the other, and the longest time between two that arrive."""

    def __init__(self, speaker, listener):
        self._speaker, self._listener = speaker, listener
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._speak), threading.Thread(target=self._listen)]
        self.gap = self.last = 0
        for thread in self._threads:
            thread.start()

    def _speak(self):
        number = 0
        while not self._over.wait(0.05):
            self._speaker.type(str(number := number + 1))

    def _listen(self):
        size, since = 0, time.monotonic()
        while not self._over.wait(0.01):
            now = time.monotonic()
            if (new := self._listener.output_size()) > size:
                self.gap, size, since = max(self.gap, now - since), new, now
                self.last = now

    def end(self):
        self._over.set()
        for thread in self._threads:
            thread.join()


def upgrade(relay):
    """As a supervisor does it."""
    relay.relay.signal(signal.SIGTERM)
    assert relay.relay.exit_status() == 0
    relay.revive()
    return time.monotonic()


def talk_through_an_upgrade(tmp_path, clients, certificate, **options):
    classic = f"127.0.0.1:{lasting_port()}"
    relay = MortalRelay(tmp_path, certificate, classic_listen=classic, **options)
    clients.append(relay)
    invite = new_invite(relay.pin)(relay.address)
    pair = []
    if options:
        for _ in range(2):
            clients.append(BlockClient(relay.relay.classic))
            pair.append(clients[-1])
        pair[0].say("hello")
        assert pair[1].hear() == "hello"
    programs = [Program("pipe", invite=invite, directory=tmp_path) for _ in range(2)]
    clients.extend(programs)
    talk = Talk(*programs)
    try:
        eventually(lambda: programs[1].output_size() > 20, "they talk")
        back = upgrade(relay)
        eventually(lambda: talk.last > back + 0.5, "they talk again", 60)
    finally:
        talk.end()
    print(f"\nlongest gap {talk.gap:.2f} s {options}")
    heard = programs[1].output().split()
    assert heard == [str(n + 1).encode() for n in range(len(heard))]
    assert talk.gap < LONGEST_GAP


def test_the_gap(tmp_path, clients, certificate):
    talk_through_an_upgrade(tmp_path, clients, certificate)


def test_an_idle_pair_of_classic_clients_keeps_nobody_of_relay_1_away(tmp_path, clients, certificate):
    talk_through_an_upgrade(tmp_path, clients, certificate, drain_timeout="25s")


def test_nothing_is_lost_while_relays_replace_each_other(tmp_path, certificate):
    """deploy/rolling-update-test in small."""
    outcome = update_trial.run(tmp_path, certificate, updates=2, seed=1, conversations=2)
    assert outcome.good(), str(outcome)
    assert len(outcome.gaps) == 2
    assert all(verdict.expected > 20 for verdict in outcome.verdicts.values())
    assert outcome.classic_pairs == 6


def test_what_is_lost_is_noticed(tmp_path, certificate):
    """Of a relay that is killed in place of being told."""
    outcome = update_trial.run(tmp_path, certificate, updates=1, seed=1, conversations=1, end=signal.SIGKILL)
    assert not outcome.good()
    assert any("classic, after" in one for one in outcome.wrong), str(outcome)
