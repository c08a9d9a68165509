#!/usr/bin/python3
"""./dev bench hostile: what each thing that a client can send cheaply costs the relay, a byte, against an honest byte; and
what an honest pair notices of as much of it as one address may send. Writes results/hostile.json and the table in
README.md.
"""
import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
import report  # noqa: E402
from parley_tests.certificates import Certificate  # noqa: E402
from parley_tests.hostile_attacks import ATTACKS, Attack  # noqa: E402
from parley_tests.load import RelayLoad, allow_many_descriptors, cpu_seconds  # noqa: E402
from parley_tests.relay import Relay  # noqa: E402

MESSAGES_PER_S = 500  # of the honest pair, 64 bytes each
BAR_P99_MS, BAR_ARRIVED = 5, 0.8


def start(certificate):
    """As shipped, limits and all, but for the number of keys made ahead."""
    return Relay(relay_listen="127.0.0.1:0", cert=certificate.certificate, key=certificate.key, handshake_timeout=None,
                 connection_rate_per_address=None, max_connections_per_address=None, max_rooms_per_address=None,
                 classic_keys=None, classic_key_pool=8, log_level="warning")


def honest(load, seconds, relay):
    """Of one pair: what arrived of what was due, and how late; and the relay's CPU time meanwhile."""
    before = cpu_seconds(relay.pid)
    said = load.ask("paced %g %d" % (seconds, MESSAGES_PER_S))
    used = cpu_seconds(relay.pid) - before
    arrived = said["messages"] / said["wall_s"] / MESSAGES_PER_S
    return {"p50_us": said["latency_us"]["p50"], "p99_us": said["latency_us"]["p99"], "arrived": arrived,
            "cpu_s_per_s": used / said["wall_s"]}


def stand_for_another_machine(pid):
    """Whose cores nobody else uses: a process that is not to wait for those of this one. Needs root."""
    try:
        os.sched_setscheduler(pid, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        report.progress("without root the honest pair waits for a core among the attackers: p99 is of both")


def measure(name, seconds, certificate):
    relay = start(certificate)
    relay.wait_for_keys(8)
    load = RelayLoad(relay.address_of("relay")[1], [relay.pid])
    stand_for_another_machine(load.pid)
    load.ask("open 1")
    before = honest(load, seconds, relay)
    attack = Attack(name, relay)
    attack.begin(seconds + 1)
    time.sleep(0.5)  # it is under way, and goes on after the measurement
    cpu = cpu_seconds(relay.pid)
    begun = time.monotonic()
    during = honest(load, seconds, relay)
    sent = attack.sent()
    took = time.monotonic() - begun
    cost = cpu_seconds(relay.pid) - cpu - before["cpu_s_per_s"] * took
    load.end()
    relay.kill()
    share = took / (took + 0.5)  # of what was sent, what was sent while the CPU time was counted
    return {"bytes_per_s": sent / (seconds + 1), "ns_per_byte": max(0.0, cost) / max(1, sent * share) * 1e9,
            "cores": cost / took, "before": before, "during": during}


def table(results):
    base = results.get("small", {}).get("ns_per_byte")
    rows = ["| what one address sends | bytes/s | CPU ns a byte | ÷ a small message's | cores | the honest pair's p99, ms | "
            "arrived |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for name, r in results.items():
        rows.append("| %s | %.0f | %.1f | %s | %.2f | %.2f | %.2f |" % (
            ATTACKS[name][0], r["bytes_per_s"], r["ns_per_byte"], "%.1f" % (r["ns_per_byte"] / base) if base else "",
            r["cores"], r["during"]["p99_us"] / 1000, r["during"]["arrived"] / max(0.01, r["before"]["arrived"])))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="of each measurement")
    parser.add_argument("--only", nargs="+", choices=list(ATTACKS), default=list(ATTACKS), help="only these")
    parser.add_argument("--no-write", action="store_true", help="print only")
    options = parser.parse_args()
    options.rounds = 1
    allow_many_descriptors()
    results = {}
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        certificate = Certificate(Path(folder))
        for name in options.only:
            report.progress(ATTACKS[name][0])
            results[name] = measure(name, options.seconds, certificate)
            print(table({name: results[name]})[-1], file=sys.stderr, flush=True)
    where = report.machine()
    lines = [report.heading(where, options), "", *table(results)]
    print("\n".join(lines))
    if not options.no_write:
        report.keep("hostile", lines, {"machine": where, "results": results})
    bad = [name for name, r in results.items() if r["during"]["p99_us"] > 1000 * BAR_P99_MS or
           r["during"]["arrived"] < BAR_ARRIVED * r["before"]["arrived"]]
    if bad:
        print("over the bars: " + " ".join(bad), file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    os.chdir(processes.ROOT)
    sys.exit(main())
