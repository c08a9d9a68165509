"""Conversations that go on while relays are replaced: each by the next, which starts beside it with the same listening
sockets while it drains. What is talked of relay/1 moves to the next one; what is talked of classic may end where it is,
and who comes meets on the next."""

import random
import secrets
import signal
import statistics
import threading
import time
from pathlib import Path

from .clients import BlockClient
from .history import judge, message
from .passed_sockets import PassedSockets
from .programs import Program, new_invite
from .relay import Relay
from .waiting import PATIENCE, eventually

_PACE = 0.02  # seconds between two messages of a speaker
_LOOK = 0.005  # seconds between two looks at what has been heard
_LONG = "5m"  # classic's sessions end by themselves, however slow the machine is


class Conversation:
    """Two `parley pipe` that both speak until they are told to end."""

    def __init__(self, number, invite, directory):
        self._over = threading.Event()
        self.sent = {f"{side}{number}": 0 for side in "AB"}
        self.programs = {speaker: Program("pipe", invite=invite, directory=directory) for speaker in self.sent}
        first, second = self.sent
        self.listeners = {first: self.programs[second], second: self.programs[first]}
        self._threads = [threading.Thread(target=self._speak, args=(speaker,), daemon=True) for speaker in self.sent]
        for thread in self._threads:
            thread.start()

    def _speak(self, speaker):
        program = self.programs[speaker]
        try:
            while not self._over.wait(_PACE):
                self.sent[speaker] += 1
                program.type(message(speaker, self.sent[speaker]))
            program.finish_input()
        except BrokenPipeError:
            pass  # it has ended, which its exit status tells

    def finish(self):
        """What each was heard to say, and the exit statuses."""
        self._over.set()
        statuses = [program.exit_status(PATIENCE) for program in self.programs.values()]
        heard = {one: listener.output().decode(errors="replace") for one, listener in self.listeners.items()}
        return {one: judge(text.splitlines(), one, self.sent[one]) for one, text in heard.items()}, statuses

    def errors(self):
        return "\n".join(f"{speaker}: {program.errors()[-2000:]}" for speaker, program in self.programs.items())

    def close(self):
        self._over.set()
        for program in self.programs.values():
            program.close()


class Gaps:
    """The longest time for which any of these programs heard nothing."""

    def __init__(self, listeners):
        self._listeners = listeners
        self._over, self._lock = threading.Event(), threading.Lock()
        self._sizes = [one.output_size() for one in listeners]
        self._heard = [time.monotonic()] * len(listeners)
        self._longest = 0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self):
        while not self._over.wait(_LOOK):
            with self._lock:
                for i, one in enumerate(self._listeners):
                    now, size = time.monotonic(), one.output_size()
                    self._longest = max(self._longest, now - self._heard[i])
                    if size != self._sizes[i]:
                        self._sizes[i], self._heard[i] = size, now

    def all_heard_since(self, moment):
        with self._lock:
            return min(self._heard) > moment

    def take(self):
        """The longest since this was last asked."""
        with self._lock:
            longest, self._longest = self._longest, 0
            return longest

    def close(self):
        self._over.set()
        self._thread.join()


class ClassicPair:
    """Two clients of classic who have met, and say numbers to each other; `talks`: all the time, else at first and at
    last."""

    def __init__(self, address, talks):
        self._clients = [BlockClient(address) for _ in range(2)]
        self._over = threading.Event()
        self.said, self.wrong = 0, ""
        self._exchange()  # before others come: they would meet these
        self._thread = threading.Thread(target=self._talk, daemon=True) if talks else None
        if talks:
            self._thread.start()

    def _exchange(self):
        for speaker, listener in (self._clients, self._clients[::-1]):
            self.said += 1
            speaker.say(str(self.said))
            heard = listener.hear()
            assert heard == str(self.said), f"{heard} heard in place of {self.said}"

    def _talk(self):
        try:
            while not self._over.wait(_PACE):
                self._exchange()
        except (AssertionError, OSError) as error:
            self.wrong = str(error)

    def leave(self):
        """Of their own accord. Returns what was wrong, if anything was."""
        self._over.set()
        if self._thread:
            self._thread.join()
        try:
            self._exchange()
            self._clients[0].close()
            assert self._clients[1].clean_end() == b"", "more was heard than said"
        except (AssertionError, OSError) as error:
            self.wrong = self.wrong or str(error)
        return [f"classic, after {self.said} messages: {self.wrong}"] if self.wrong else []

    def close(self):
        self._over.set()
        for client in self._clients:
            client.close()


class Outcome:
    """What became of a trial. `gaps`: of each update the longest that a conversation saw."""

    def __init__(self):
        self.gaps, self.wrong, self.verdicts = [], [], {}
        self.classic_messages = self.classic_pairs = 0

    def good(self):
        return not self.wrong and all(verdict.good() for verdict in self.verdicts.values())

    def __str__(self):
        verdicts = self.verdicts.values()
        expected, heard = sum(one.expected for one in verdicts), sum(one.heard for one in verdicts)
        found = [
            f"{sum(len(getattr(one, name)) for one in verdicts)} {name.replace('_', ' ')}"
            for name in ("lost", "doubled", "out_of_order", "strange")
        ]
        lines = [f"of {speaker}: {one}" for speaker, one in self.verdicts.items() if not one.good()]
        lines += [
            f"relay/1: {len(verdicts)} speakers, {heard} of {expected} messages heard, {', '.join(found)}",
            f"classic: {self.classic_pairs} pairs, {self.classic_messages} messages, {len(self.wrong)} faults",
            f"{len(self.gaps)} updates: longest gap of a conversation at each: "
            f"median {statistics.median(self.gaps):.2f} s, longest {max(self.gaps):.2f} s",
        ]
        return "\n".join([*lines, *self.wrong])


class _Trial:
    def __init__(self, directory, certificate, end):
        keys = Path(directory) / "token-keys"
        keys.touch(mode=0o600)
        keys.write_text(secrets.token_hex(32) + "\n")
        self._identity = {"cert": certificate.certificate, "key": certificate.key, "token_key_file": keys}
        self._directory, self._pin = directory, certificate.pin
        self._end = end
        self._sockets = PassedSockets("classic", "relay")
        self._opened = [self._sockets]
        self.outcome = Outcome()

    def begin(self, conversations):
        """Returns those."""
        self._relay = self._start()
        self._meet()
        return [self._converse(number) for number in range(conversations)]

    def _start(self):
        started = Relay(**self._sockets.handed(), **self._identity, drain_timeout=_LONG)
        self._opened.insert(0, started)
        return started

    def _meet(self):
        """Newcomers of classic: a pair that is idle from then on, and one that talks."""
        address = self._sockets.address("classic")
        self._idle, self._talking = ClassicPair(address, talks=False), ClassicPair(address, talks=True)
        self._opened[:0] = [self._idle, self._talking]
        eventually(
            lambda: self._relay.metric("parley_sessions_total", protocol="classic") == 2, "they meet on the newest relay"
        )

    def _converse(self, number):
        invite = new_invite(self._pin)(self._sockets.address("relay"))
        self._opened.insert(0, conversation := Conversation(number, invite, self._directory))
        return conversation

    def update(self, gaps):
        """By the next relay, and beside it."""
        old, idle, talking = self._relay, self._idle, self._talking
        old.signal(self._end)
        self._relay = self._start()
        eventually(lambda: self._sockets.held_by(old.pid, "classic") == 0, "the old one takes nobody any more")
        self._meet()
        told = talking.said
        eventually(lambda: talking.wrong or talking.said > told, "classic talks on where it is")
        self._leave(idle, talking)
        if status := old.exit_status():
            self.outcome.wrong.append(f"the old relay ended with {status}")
        moved = time.monotonic()
        eventually(lambda: gaps.all_heard_since(moved), "all conversations go on")
        self.outcome.gaps.append(gaps.take())

    def _leave(self, *pairs):
        for pair in pairs:
            self.outcome.wrong += pair.leave()
            self.outcome.classic_messages += pair.said
        self.outcome.classic_pairs += len(pairs)

    def end(self, conversations):
        self._leave(self._idle, self._talking)
        for one in conversations:
            verdicts, statuses = one.finish()
            self.outcome.verdicts |= verdicts
            if any(statuses):
                self.outcome.wrong.append(f"exit statuses {statuses}\n{one.errors()}")

    def close(self):
        for one in self._opened:
            one.kill() if isinstance(one, Relay) else one.close()


def run(directory, certificate, updates, seed, conversations=4, end=signal.SIGTERM, report=print):
    """`end`: the signal by which a relay is told to make room for the next."""
    drawn = random.Random(seed)
    trial = _Trial(directory, certificate, end)
    gaps = None
    try:
        talks = trial.begin(conversations)
        listeners = [listener for talk in talks for listener in talk.listeners.values()]
        eventually(lambda: all(one.output_size() for one in listeners), "all talk")
        gaps = Gaps(listeners)
        for number in range(updates):
            time.sleep(drawn.uniform(0, 0.5))  # each at another moment of what goes by the clock
            gaps.take()
            trial.update(gaps)
            report(f"update {number + 1} of {updates}: longest gap {trial.outcome.gaps[-1]:.2f} s")
        trial.end(talks)
        return trial.outcome
    finally:
        if gaps:
            gaps.close()
        trial.close()
