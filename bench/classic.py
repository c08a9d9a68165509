#!/usr/bin/python3
"""./dev bench classic: the classic protocol's cost, beside OpenSSL's limit and the original design.

All are measured in turn, several rounds, in one run. Writes results/classic.json and the table in README.md.
"""
import argparse
import os
import statistics
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
import report  # noqa: E402
from parley_tests.load import Asked, ClassicLoad, allow_many_descriptors  # noqa: E402
from parley_tests.processes import ROOT  # noqa: E402
from parley_tests.relay import Relay  # noqa: E402
from parley_tests.server import Server  # noqa: E402

# As shipped, but for the limits of connections per address, which Relay lifts.
AS_SHIPPED = {"classic_keys": None, "handshake_timeout": None, "admin_listen": "none", "log_level": "warning"}


def parleyd(**options):
    return Relay(**AS_SHIPPED | options)


def original():
    return Server("the original design", ["/usr/bin/python3", str(ROOT / "bench" / "original_design.py")])


class Series:
    """One thing that is measured in every round."""

    def __init__(self, name, source, command, limit=None):
        self.name, self.source, self.command, self.limit = name, source, command, limit
        self.rounds = []

    def measure(self):
        self.rounds.append(self.source.ask(self.command))

    def values(self, compute):
        return [compute(r) for r in self.rounds]


def relay_cpu_us(r):
    return r["relay_cpu_s"] / r["messages"] * 1e6


def limit_us(r):
    return r["cpu_s"] / r["messages"] * 1e6


def summary(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "rounds": values}


def of_all_cores(r):
    """Throughput by what the cores that the load generator leaves could do at that CPU time a message."""
    cores = os.cpu_count() - r["load_cpu_s"] / r["wall_s"]
    return (r["messages"] / r["wall_s"]) / (cores / (r["relay_cpu_s"] / r["messages"]))


def result(series):
    entry = {
        "cpu_us_per_message": summary(series.values(relay_cpu_us)),
        "messages_per_s": summary(series.values(lambda r: r["messages"] / r["wall_s"])),
        "latency_p50_us": summary(series.values(lambda r: r["latency_us"]["p50"])),
        "latency_p99_us": summary(series.values(lambda r: r["latency_us"]["p99"])),
        "of_all_cores": summary(series.values(of_all_cores)),
        "load_generator_cores": summary(series.values(lambda r: r["load_cpu_s"] / r["wall_s"])),
    }
    limits = series.limit.values(limit_us)
    entry["cpu_by_limit"] = summary([a / b for a, b in zip(series.values(relay_cpu_us), limits)])
    entry["latency_over_limit_us"] = summary(
        [r["latency_us"]["p50"] - b for r, b in zip(series.rounds, limits)])
    return entry


def messages(rounds, seconds):
    """Talking relays. Returns {name: result}, limits included."""
    limits = {bits: Series("limit_%d" % bits, Asked("rsa_limit", bits), str(seconds / 2)) for bits in (512, 2048)}
    relays = {"auto": parleyd(), "openssl": parleyd(crypto_mb="off"), "original": original()}
    series = list(limits.values())
    for name, relay in relays.items():
        kinds = [("turns_512", 32, 512, "turns")]
        if name != "original":
            kinds += [("duplex_2048", 32, 2048, "duplex"), ("turns_2048", 32, 2048, "turns"),
                      ("lone_2048", 1, 2048, "turns")]
        for kind, sessions, bits, pattern in kinds:
            load = ClassicLoad(relay, sessions, bits)
            series.append(Series("%s_%s" % (name, kind), load, "%s %g" % (pattern, seconds), limits[bits]))
    for number in range(rounds):
        report.progress("round %d of %d" % (number + 1, rounds))
        for one in series:
            one.measure()
    for one in series:
        one.source.end()
    for relay in relays.values():
        relay.kill()
    results = {one.name: result(one) for one in series if one.limit}
    results.update({one.name: {"cpu_us_per_message": summary(one.values(limit_us))} for one in limits.values()})
    return results


def memory(pairs, **options):
    """What an idle pair that has talked costs the relay, in bytes."""
    report.progress("memory of %d idle pairs %s" % (pairs, options or ""))
    relay = parleyd(**options)
    load = ClassicLoad(relay, pairs, 2048)
    load.end()
    relay.kill()
    return {"pairs": pairs,
            "bytes_per_pair": (load.memory["resident_after"] - load.memory["resident_before"]) / pairs}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2, help="of each measurement in each round")
    parser.add_argument("--shared-pairs", type=int, default=2000)
    parser.add_argument("--own-key-pairs", type=int, default=250, help="few: each costs two keys to make")
    parser.add_argument("--no-write", action="store_true", help="print only")
    options = parser.parse_args()
    allow_many_descriptors()
    results = messages(options.rounds, options.seconds)
    results["memory_shared_key"] = memory(options.shared_pairs, classic_keys="shared")
    results["memory_own_keys"] = memory(options.own_key_pairs)
    report.publish(results, options)


main()
