#!/usr/bin/python3
"""A minute under attack: a connection flood to the limit, slow key senders and a client that never reads, beside
ten good sessions. Prints those sessions' latency before and during, and the relay's memory.

Only on this machine: starts a relay of its own on a free port of the loopback interface; the attackers come from
127.0.0.2 and up, the good sessions from 127.0.0.1. Exit status 1 when the good sessions' median latency more than
doubled, or a session broke.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import socket
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from parley_tests import keys, memory, processes  # noqa: E402
from parley_tests.clients import BlockClient  # noqa: E402
from parley_tests.relay import Relay  # noqa: E402

GOOD_SESSIONS = 10
FLOOD_ADDRESSES = [f"127.0.0.{n}" for n in range(2, 22)]
SLOW_ADDRESS, SLOW_SENDERS = "127.0.0.40", 50
SILENT_ADDRESS = "127.0.0.50"


async def flood(address, source):
    """Connects as fast as it is let and keeps what it gets, until the relay ends it."""

    async def hold():
        try:
            reader, writer = await asyncio.open_connection(*address, local_addr=(source, 0))
            try:
                while await reader.read(65536):
                    pass
            finally:
                writer.close()
        except OSError:
            pass

    held = set()
    while True:
        if len(held) < 300:
            task = asyncio.create_task(hold())
            held.add(task)
            task.add_done_callback(held.discard)
        await asyncio.sleep(0.02)


async def send_key_slowly(address):
    pem = keys.public_key(keys.private_key()).save_pkcs1()
    while True:
        try:
            _, writer = await asyncio.open_connection(*address, local_addr=(SLOW_ADDRESS, 0))
            for byte in pem:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(1)
        except OSError:
            await asyncio.sleep(1)


def never_read(address, ready):
    """One client floods another that never reads, until the relay ends them; then again."""
    while True:
        try:
            sender = BlockClient(address, source=SILENT_ADDRESS)
            silent = BlockClient(address, source=SILENT_ADDRESS)
            silent.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            ready.set()
            blocks = sender.seal("are you listening?") * 64
            while True:
                sender.send(blocks)
        except (OSError, AssertionError):
            time.sleep(0.1)


def as_attacker(run, *arguments):
    """Attackers stand for other machines: they must not take this one's cores from those who are measured."""
    processes.as_from_a_terminal()
    os.nice(15)
    sys.stderr = open(os.devnull, "w")
    run(*arguments)


def crowd(address):
    async def all_of_them():
        slow = [send_key_slowly(address) for _ in range(SLOW_SENDERS)]
        await asyncio.gather(*slow, *(flood(address, source) for source in FLOOD_ADDRESSES))

    asyncio.run(all_of_them())


class GoodSessions:
    def __init__(self, relay):
        self.pairs = []
        for _ in range(GOOD_SESSIONS):
            a = BlockClient(relay.classic)
            relay.wait_for_lobby(1)
            self.pairs.append((a, BlockClient(relay.classic)))

    def measure(self, seconds, each_second):
        """Latencies of lone messages, in seconds, going round the sessions."""
        blocks = [(a, b, a.seal("ping")) for a, b in self.pairs]
        latencies = []
        end = time.monotonic() + seconds
        next_look = time.monotonic()
        while time.monotonic() < end:
            for a, b, block in blocks:
                started = time.perf_counter()
                a.send(block)
                if len(b.read(b.block_bytes)) != b.block_bytes:
                    raise SystemExit("a good session broke")
                latencies.append(time.perf_counter() - started)
                time.sleep(0.002)
            if time.monotonic() >= next_look:
                each_second()
                next_look = time.monotonic() + 1
        return latencies


def microseconds(latencies):
    return {
        "messages": len(latencies),
        "median_us": round(statistics.median(latencies) * 1e6),
        "p99_us": round(statistics.quantiles(latencies, n=100)[98] * 1e6),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--seconds", type=float, default=60, help="how long the attack lasts (60)")
    parser.add_argument("--before", type=float, default=10, help="how long to measure without it (10)")
    parser.add_argument("--max-connections", type=int, default=1000, help="the relay's connection limit (1000)")
    parser.add_argument("--classic-keys", choices=["per-connection", "shared"], default="per-connection")
    chosen = parser.parse_args()

    relay = Relay(
        classic_keys=chosen.classic_keys,
        max_connections=chosen.max_connections,
        max_connections_per_address=None,  # the defaults
        max_rooms_per_address=None,
        connection_rate_per_address=None,
        classic_key_pool=None,
        handshake_timeout=None,
        log_level="warning",
    )
    attackers = []
    seen = {"resident_bytes": 0, "connections": 0, "buffered_bytes": 0}

    def look():
        metrics = relay.metrics()
        seen["resident_bytes"] = max(seen["resident_bytes"], memory.resident(relay.pid))
        seen["connections"] = max(seen["connections"], metrics.value("parley_connections"))
        seen["buffered_bytes"] = max(seen["buffered_bytes"], metrics.value("parley_buffered_bytes"))

    try:
        good = GoodSessions(relay)
        good.measure(2, look)  # warm up
        before = microseconds(good.measure(chosen.before, look))
        idle = dict(seen)

        silent_ready = multiprocessing.Event()
        for run, arguments in ((never_read, (relay.classic, silent_ready)), (crowd, (relay.classic,))):
            attackers.append(multiprocessing.Process(target=as_attacker, args=(run, *arguments), daemon=True))
            attackers[-1].start()
            if run is never_read:
                silent_ready.wait(30)
        during = microseconds(good.measure(chosen.seconds, look))

        metrics = relay.metrics()
        reasons = {"refused": "parley_refused_total", "legs_ended": "parley_leg_ends_total",
                   "sessions_ended": "parley_session_ends_total"}
        result = {
            "attack_seconds": chosen.seconds,
            "before": before,
            "during": during,
            "median_ratio": round(during["median_us"] / before["median_us"], 2),
            "resident_bytes_before": idle["resident_bytes"],
            "most": {name: int(value) for name, value in seen.items()},
            "ready": relay.get("/readyz")[1].strip(),
            **{
                shown: {l["reason"]: int(v) for n, l, v in metrics.samples if n == name and v}
                for shown, name in reasons.items()
            },
        }
        print(json.dumps(result, indent=2))
        return 0 if result["median_ratio"] <= 2 else 1
    finally:
        for attacker in attackers:
            attacker.kill()
        relay.kill()


if __name__ == "__main__":
    sys.exit(main())
