"""Two real clients talk through everything that the proxy and a dying relay can do to them."""

import hashlib
import random
import threading
import time
from collections import Counter
from pathlib import Path

from .fault_proxy import FaultProxy, SeededPlan, every
from .history import judge, messages
from .programs import MortalRelay, Program, new_invite

SPEAKERS = ("A", "B")
_GREETING = 4000  # bytes in either direction after which a client has met its relay for the first time
_SILENCE = 120  # seconds without progress after which it is given up


class Outcome:
    """What became of a trial; `faults` counts each kind that was done, `kill` among them."""

    def __init__(self, verdicts, faults, statuses, seconds, errors):
        self.verdicts, self.faults, self.statuses, self.seconds = verdicts, faults, statuses, seconds
        self.errors = errors

    def good(self):
        return all(verdict.good() for verdict in self.verdicts.values()) and not any(self.statuses)

    def __str__(self):
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.faults.items()))
        lines = [f"{self.faults.total()} faults of {len(self.faults)} kinds: {kinds}"]
        lines += [f"of {speaker}: {verdict}" for speaker, verdict in self.verdicts.items()]
        lines += [f"exit status {self.statuses[0]} and {self.statuses[1]}, {self.seconds:.1f} s"]
        return "\n".join(lines)


def run(directory, certificate, seed, each, faults, kills, command=("pipe",), report=lambda text: None):
    """`each`: messages in each direction. About as many faults as wanted, more where bytes are sent again."""
    relay = MortalRelay(directory, certificate)
    written = {speaker: list(messages(speaker, each)) for speaker in SPEAKERS}
    size = {speaker: sum(len(line.encode()) + 1 for line in lines) for speaker, lines in written.items()}
    # So that a whole record of chat/1 mostly gets through, which nothing would without; the factor was found by trying.
    between = max(40_000, int(5 * sum(size.values()) / max(1, faults)))
    plans = [SeededPlan(f"{seed}/{speaker}", between=(0, between), spared=_GREETING) for speaker in SPEAKERS]
    proxies = [FaultProxy(relay.address, plan).start() for plan in plans]
    invite = new_invite(relay.pin)
    opened = [relay, *proxies]
    deaths = [threading.Event() for _ in range(kills)]
    begin = time.monotonic()
    try:
        programs = {}
        for speaker, proxy in zip(SPEAKERS, proxies):
            program = Program(*command, invite=invite(proxy.address), directory=directory)
            opened.insert(0, program)
            program.feed(_in_stages(written[speaker], deaths))
            programs[speaker] = program
        heard_by = {"A": programs["B"], "B": programs["A"]}
        _watch(heard_by, size, relay, deaths, lambda: report(_progress(heard_by, size, proxies, relay, begin)))
        statuses = [program.exit_status(_SILENCE) for program in programs.values()]
        verdicts = {
            speaker: judge(listener.output().decode(errors="replace").splitlines(), speaker, each)
            for speaker, listener in heard_by.items()
        }
        done = Counter(fault.kind for proxy in proxies for _, fault in proxy.done)
        if relay.deaths:
            done["kill"] = relay.deaths
        errors = "\n".join(f"{one}: {program.errors()[-2000:]}" for one, program in programs.items())
        return Outcome(verdicts, done, statuses, time.monotonic() - begin, errors)
    finally:
        for death in deaths:
            death.set()
        for one in opened:
            one.close()


def run_pipe(directory, certificate, size, cut, patience):
    """So many random bytes each way through `parley pipe`, over connections that end after `cut` bytes: one client's
    by FIN, the other's by RST. Returns what was wrong, or nothing, and how many times each client's connection ended."""
    blobs = [Path(directory) / f"blob-{number}" for number in range(2)]
    for number, blob in enumerate(blobs):
        blob.write_bytes(random.Random(number).randbytes(size))
    relay = MortalRelay(directory, certificate)
    proxies = [FaultProxy(relay.address, every(cut, kind)).start() for kind in ("cut", "reset")]
    invite = new_invite(relay.pin)
    opened = [relay, *proxies]
    try:
        programs = []
        for blob, proxy in zip(blobs, proxies):
            with blob.open("rb") as stdin:
                programs.append(Program("pipe", invite=invite(proxy.address), directory=directory, stdin=stdin))
            opened.insert(0, programs[-1])
        statuses = [program.exit_status(patience) for program in programs]
        sent = [hashlib.sha256(blob.read_bytes()).hexdigest() for blob in blobs]
        came = [hashlib.sha256(program.output()).hexdigest() for program in reversed(programs)]
        said = "\n".join(program.errors() for program in programs)
        wrong = "" if sent == came and statuses == [0, 0] else f"{statuses} {sent} {came}\n{said}"
        return wrong, [len(proxy.done) for proxy in proxies]
    finally:
        for one in opened:
            one.close()


def _progress(heard_by, size, proxies, relay, begin):
    heard = "; ".join(f"{one} {heard_by[one].output_size() / size[one]:.0%} heard" for one in heard_by)
    done = sum(len(proxy.done) for proxy in proxies) + relay.deaths
    return f"{time.monotonic() - begin:.0f} s: {heard}; {done} faults, {sum(p.connections for p in proxies)} connections"


def _in_stages(lines, deaths):
    """The lines, with a wait for the next death of the relay after each equal part of them but the last."""
    part = -(-len(lines) // (len(deaths) + 1))
    for number, line in enumerate(lines):
        if number and number % part == 0:
            deaths[number // part - 1].wait()
        yield line


def _watch(heard_by, size, relay, deaths, report):
    """Until both have ended. Kills the relay in the middle of each stage."""
    total = sum(size.values())
    kill_at = [(total * (2 * number + 1) // (2 * len(deaths) + 2), death) for number, death in enumerate(deaths)]
    heard, moved, reported = -1, time.monotonic(), time.monotonic()
    while any(program.is_running() for program in heard_by.values()):
        now = time.monotonic()
        if heard != (heard := sum(program.output_size() for program in heard_by.values())):
            moved = now
        if now - moved > _SILENCE:
            said = "\n".join(f"{one} hears, and says: {p.errors()[-3000:]}" for one, p in heard_by.items())
            raise AssertionError(f"nothing moves any more, {heard} of {total} bytes heard\n{said}")
        if kill_at and heard >= kill_at[0][0]:
            relay.kill()
            relay.revive()
            kill_at.pop(0)[1].set()
        if now - reported > 10:
            reported = now
            report()
        time.sleep(0.01)
