#!/usr/bin/python3
"""./dev bench admin: what watching costs a relay with thousands of sessions: whether the listing has each of them once,
what a scrape and a page cost, how late events come, and what of it the shards' loops notice. Writes results/admin.json
and the table in README.md.
"""
import argparse
import http.client
import json
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
import report  # noqa: E402
from parley_tests.certificates import Certificate  # noqa: E402
from parley_tests.load import RelayLoad, allow_many_descriptors, cpu_seconds  # noqa: E402
from parley_tests.memory import resident  # noqa: E402
from parley_tests.metrics import Metrics  # noqa: E402
from parley_tests.relay import Relay  # noqa: E402
from parley_tests.rooms import Rooms  # noqa: E402

SCRAPES, EVENTS = 50, 100
MESSAGES_PER_S = 2000
SHARDS, SESSIONS_AT_A_TIME = 2, 20  # of a page, each shard is asked for so many at a time
BAR_SCRAPE_MS, BAR_EVENT_MS, BAR_LOOP_MS = 20, 100, 1


def get(connection, path):
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    assert response.status == 200, (path, response.status)
    return body


def cost_of(relay, path, times):
    """CPU milliseconds of the relay for each, with nothing else going on, and bytes."""
    connection = http.client.HTTPConnection(*relay.admin, timeout=60)
    size = len(get(connection, path))
    costs = []
    for _ in range(times):
        before = cpu_seconds(relay.pid)
        get(connection, path)
        costs.append(1000 * (cpu_seconds(relay.pid) - before))
    connection.close()
    return {"median_ms": statistics.median(costs), "max_ms": max(costs), "bytes": size}


def all_pages(relay):
    connection = http.client.HTTPConnection(*relay.admin, timeout=60)
    ids, cursor, began = [], "", time.monotonic()
    while cursor is not None:
        page = json.loads(get(connection, "/api/v1/sessions?limit=1000" + cursor))
        assert not page["incomplete"]
        ids += [one["id"] for one in page["sessions"]]
        cursor = "&cursor=" + page["next_cursor"] if page["next_cursor"] else None
    connection.close()
    return ids, time.monotonic() - began


def largest_lag_ms(relay):
    samples = Metrics(relay.get("/metrics")[1]).samples
    return 1000 * max(value for name, _, value in samples if name == "parley_shard_loop_lag_seconds")


def shard_cpu_ms(pid):
    """CPU time of the shards' threads so far; /proc's schedstat has it to the nanosecond."""
    spent = 0
    for task in Path("/proc/%d/task" % pid).iterdir():
        if (task / "comm").read_text().startswith("shard-"):
            spent += int((task / "schedstat").read_text().split()[0])
    return spent / 1e6


def loop_cost(relay, path, steps):
    """How long a shard's loop stands still for one of the steps in which it is asked, in CPU milliseconds on the average,
    with nothing else going on."""
    times = 20
    connection = http.client.HTTPConnection(*relay.admin, timeout=60)
    get(connection, path)
    before = shard_cpu_ms(relay.pid)
    for _ in range(times):
        get(connection, path)
    spent = shard_cpu_ms(relay.pid) - before
    connection.close()
    return spent / (times * steps)


def talk(relay, load, seconds, watched):
    """Of a relay whose pairs talk at a steady pace: how late messages are, and the largest loop lag. `watched`: while it is
    listed and scraped without a pause."""
    lags, over = [], threading.Event()

    def watch():
        connection = http.client.HTTPConnection(*relay.admin, timeout=60)
        while not over.is_set():
            get(connection, "/metrics")
            all_pages(relay)

    def look_at_lags():
        while not over.is_set():
            lags.append(largest_lag_ms(relay))
            over.wait(1)

    threads = [threading.Thread(target=task) for task in [look_at_lags] + [watch] * watched]
    for thread in threads:
        thread.start()
    said = load.ask("paced %g %d" % (seconds, MESSAGES_PER_S))
    over.set()
    for thread in threads:
        thread.join()
    return {"p50_ms": said["latency_us"]["p50"] / 1000, "p99_ms": said["latency_us"]["p99"] / 1000, "lag_ms": max(lags)}


def event_delays(relay, rooms, clients):
    """Milliseconds from a session's beginning, as its client is told of it, to its event."""
    connection = http.client.HTTPConnection(*relay.admin, timeout=60)
    connection.request("GET", "/api/v1/events")
    response = connection.getresponse()
    assert response.readline() == b"retry: 2000\n"
    delays = []
    for _ in range(EVENTS):
        first, second = rooms.pair()
        begun = time.monotonic()
        while response.readline() != b"event: session-started\n":
            pass
        delays.append(1000 * (time.monotonic() - begun))
        for client in (first, second):
            client.close()
        clients.clear()
    connection.close()
    return {"median_ms": statistics.median(delays), "max_ms": max(delays)}


def measure(sessions, seconds, certificate):
    relay = Relay(relay_listen="127.0.0.1:0", cert=certificate.certificate, key=certificate.key, shards=SHARDS, log_level="warning")
    relay.wait_until_ready()
    load = RelayLoad(relay.address_of("relay")[1], [relay.pid])
    load.ask("open %d" % sessions)
    ids, took = all_pages(relay)
    results = {
        "sessions": sessions,
        "listed": len(ids),
        "listed_once": len(set(ids)),
        "pages_s": took,
        "scrape": cost_of(relay, "/metrics", SCRAPES),
        "page": cost_of(relay, "/api/v1/sessions?limit=1000", SCRAPES // 5),
        "status": cost_of(relay, "/api/v1/status", SCRAPES),
        "loop_of_page": loop_cost(relay, "/api/v1/sessions?limit=1000", SHARDS * 1000 / SESSIONS_AT_A_TIME),
        "loop_of_scrape": loop_cost(relay, "/metrics", SHARDS),
        "undisturbed": talk(relay, load, seconds, watched=False),
        "watched": talk(relay, load, seconds, watched=True),
    }
    clients = []
    results["events"] = event_delays(relay, Rooms(relay.address_of("relay"), certificate.pin, clients, relay), clients)
    results["memory_mb"] = resident(relay.pid) / 2**20
    load.end()
    relay.kill()
    return results


def table(results):
    cost = "| %s | %.2f (at most %.2f) |"
    heard = "| a message, %d/s, %%s | %%.2f (p99 %%.2f) |" % MESSAGES_PER_S
    return [
        "| with %d sessions | ms |" % results["sessions"], "| --- | --- |",
        "| all pages, each session once: %s | %.0f |" % (
            "yes" if results["listed"] == results["listed_once"] == results["sessions"] else "no", 1000 * results["pages_s"]),
        cost % ("CPU of a scrape", results["scrape"]["median_ms"], results["scrape"]["max_ms"]),
        cost % ("CPU of a page of 1,000", results["page"]["median_ms"], results["page"]["max_ms"]),
        cost % ("CPU of the status", results["status"]["median_ms"], results["status"]["max_ms"]),
        "| a shard's loop for each 20 sessions of a page | %.3f |" % results["loop_of_page"],
        "| a shard's loop for a scrape | %.3f |" % results["loop_of_scrape"],
        heard % ("undisturbed", results["undisturbed"]["p50_ms"], results["undisturbed"]["p99_ms"]),
        heard % ("listed and scraped without a pause", results["watched"]["p50_ms"], results["watched"]["p99_ms"]),
        cost % ("an event after its session", results["events"]["median_ms"], results["events"]["max_ms"]),
    ]  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=10, help="of talking")
    parser.add_argument("--no-write", action="store_true", help="print only")
    options = parser.parse_args()
    options.rounds = 1
    allow_many_descriptors()
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        results = measure(options.sessions, options.seconds, Certificate(Path(folder)))
    where = report.machine()
    lines = [report.heading(where, options), "", *table(results)]
    print("\n".join(lines))
    if not options.no_write:
        report.keep("admin", lines, {"machine": where, "results": results})
    good = (results["listed"] == results["listed_once"] == results["sessions"]
            and results["scrape"]["median_ms"] <= BAR_SCRAPE_MS
            and max(results["loop_of_page"], results["loop_of_scrape"]) <= BAR_LOOP_MS and results["events"]["max_ms"] <= BAR_EVENT_MS)
    sys.exit(not good)


if __name__ == "__main__":
    main()
