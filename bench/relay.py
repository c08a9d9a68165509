#!/usr/bin/python3
"""./dev bench relay: what relaying over TLS costs, beside nginx, HAProxy and a bare loop.

All are measured in turn, several rounds, in one run. Writes results/relay.json and the table in README.md.
"""
import argparse
import statistics
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
import relay_report  # noqa: E402
import report  # noqa: E402
from parley_tests.certificates import Certificate  # noqa: E402
from parley_tests.load import allow_many_descriptors  # noqa: E402
from relays import NAMES, RELAYS, versions  # noqa: E402

# Name: pairs, command. Of small messages and of bytes.
TALKS = {"turns_32": (32, "turns %g"), "turns_2000": (2000, "turns %g"), "stream_8": (8, "stream %g")}
GROWTH_PAIRS = (500, 1000, 2000, 4500)
PEERS = ("nginx", "haproxy")


def summary(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "rounds": values}


def talked(rounds):
    """What is said of rounds of turns, stream or paced."""
    return {
        "cpu_us_per_message": summary([r["relay_cpu_s"] / r["messages"] * 1e6 for r in rounds]),
        "cpu_s_per_gb": summary([r["relay_cpu_s"] / r["bytes"] * 1e9 for r in rounds]),
        "messages_per_s": summary([r["messages"] / r["wall_s"] for r in rounds]),
        "relay_cores": summary([r["relay_cpu_s"] / r["wall_s"] for r in rounds]),
        "load_generator_cores": summary([r["load_cpu_s"] / r["wall_s"] for r in rounds]),
        "latency_p50_us": summary([r["latency_us"]["p50"] for r in rounds]),
        "latency_p99_us": summary([r["latency_us"]["p99"] for r in rounds]),
    }


class Bench:
    def __init__(self, names, rounds, seconds, certificate):
        self.names, self.rounds, self.seconds = names, rounds, seconds
        self.certificate = certificate

    def start(self, name):
        relay = RELAYS[name](self.certificate)
        return relay, relay.load()

    @staticmethod
    def end(started):
        for relay, load in started:
            load.end()
            relay.end()

    def talk(self, kind, pairs, command, times=1):
        """{name: result}; the relays take turns, round by round."""
        running = {name: self.start(name) for name in self.names}
        for _, load in running.values():
            load.ask("open %d" % pairs)
        rounds = {name: [] for name in self.names}
        for number in range(self.rounds * times):
            report.progress("%s: round %d of %d" % (kind, number + 1, self.rounds * times))
            for name, (_, load) in running.items():
                rounds[name].append(load.ask(command))
        self.end(running.values())
        return {name: talked(rounds[name]) for name in self.names}

    def set_up(self, pairs):
        running = {name: self.start(name) for name in self.names}
        rounds = {name: [] for name in self.names}
        for number in range(self.rounds + 1):  # the first to warm up
            report.progress("set-up of %d pairs: round %d of %d" % (pairs, number, self.rounds))
            for name, (_, load) in running.items():
                r = load.ask("open %d" % pairs)
                load.ask("close")
                load.ask("idle")
                if number:
                    rounds[name].append(r)
        self.end(running.values())
        return {name: {"cpu_us_per_pair": summary([r["relay_cpu_s"] / pairs * 1e6 for r in rounds[name]]),
                       "pairs_per_s": summary([pairs / r["wall_s"] for r in rounds[name]])} for name in self.names}

    def memory(self, pairs, times):
        values = {name: [] for name in self.names}
        for number in range(times):
            report.progress("memory of %d idle pairs: %d of %d" % (pairs, number + 1, times))
            for name in self.names:
                started = self.start(name)
                before = started[1].memory()
                started[1].ask("open %d" % pairs)
                values[name].append((started[1].memory() - before) / pairs)
                self.end([started])
        return {name: {"bytes_per_pair": summary(values[name])} for name in self.names}

    def growth(self, steps):
        """Memory and CPU time a message as pairs become many."""
        names = [name for name in self.names if name in ("parleyd", "floor")]
        running = {name: self.start(name) for name in names}
        before = {name: load.memory() for name, (_, load) in running.items()}
        found = {name: {} for name in names}
        for pairs in steps:
            report.progress("growth: %d connections" % (2 * pairs))
            rounds = {name: [] for name in names}
            for name, (_, load) in running.items():
                load.ask("open %d" % pairs)
                found[name][pairs] = {"bytes_per_pair": (load.memory() - before[name]) / pairs}
            for _ in range(self.rounds):
                for name, (_, load) in running.items():
                    rounds[name].append(load.ask("turns %g" % self.seconds))
            for name in names:
                found[name][pairs]["cpu_us_per_message"] = talked(rounds[name])["cpu_us_per_message"]
        self.end(running.values())
        return found


def measure(names, options, certificate):
    """{kind: {name: result}}, and the messages a second of half load."""
    bench = Bench(names, options.rounds, options.seconds, certificate)
    results = {kind: bench.talk(kind, pairs, command % options.seconds) for kind, (pairs, command) in TALKS.items()}
    # The same load for all: half of what the slower of those that a user would take instead can do.
    rates = [results["turns_32"][name]["messages_per_s"]["median"] for name in names if name in PEERS] or \
            [results["turns_32"][name]["messages_per_s"]["median"] for name in names]
    rate = min(rates) / 2
    # The 99th percentile of so short a time is what else the machine does, more than not.
    results["half_load_32"] = bench.talk("half load", 32, "paced %g %d" % (options.seconds, rate), times=3)
    results["set_up"] = bench.set_up(100 if options.quick else 400)
    results["memory"] = bench.memory(2000, 1 if options.quick else 3)
    if not options.quick:
        results["growth"] = bench.growth(GROWTH_PAIRS)
    return results, rate


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2, help="of each measurement in each round")
    parser.add_argument("--relays", nargs="+", choices=NAMES, default=list(NAMES), help="only these")
    parser.add_argument("--quick", action="store_true", help="a look: 3 short rounds, no growth; written nowhere")
    parser.add_argument("--no-write", action="store_true", help="print only")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds, options.no_write = 3, 0.7, True
    allow_many_descriptors()
    found = versions()
    names = [name for name in options.relays if found.get(name) != "missing"]
    for name in set(options.relays) - set(names):
        report.progress("%s is MISSING: not measured (./dev bench relay unpacks it from Debian)" % name)
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        results, rate = measure(names, options, Certificate(Path(folder)))
    relay_report.publish(results, found, rate, options)


main()
