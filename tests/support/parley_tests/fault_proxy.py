"""A TCP proxy that mistreats the connections through it, at chosen bytes or times, or as a seed has it.

    with FaultProxy(relay_address, plan=lambda number: [Fault("reset", "up", at=1000)]) as proxy:
        connect(proxy.address)

The plan is asked once a connection, by its number from 0, for that connection's faults; so a seeded plan gives the same
faults at the same bytes in every run, however the connections' timing turns out. `done` is the list of what was done.
"""

import asyncio
import random
import socket
import struct
import threading
from dataclasses import dataclass

DIRECTIONS = ("up", "down")  # from the client to the server, and back
# What each does at its byte of its direction:
KINDS = (
    "split",  # the next `size` bytes go one by one, in segments of their own
    "delay",  # this direction waits `seconds`
    "drop",  # the next `size` bytes do not arrive
    "half-close",  # this direction ends (FIN), the other one goes on
    "stall",  # nothing passes any more, in both directions; after `seconds`, if not 0, RST to both
    "cut",  # FIN to both
    "reset",  # RST to both
)
DEADLY = KINDS[2:]  # no TLS connection survives them
_READ_BYTES = 65536


@dataclass(frozen=True)
class Fault:
    kind: str
    direction: str = "up"
    at: int = 0  # after so many bytes of the direction
    after: float = None  # or so many seconds after the connect
    size: int = 1
    seconds: float = 0


class SeededPlan:
    """A few faults for each direction of each connection, the last of them deadly; `between`: how many bytes lie before
    each. The first connection has none in its first `spared` bytes: a program that never got through may give up."""

    def __init__(
        self, seed, kinds=KINDS, between=(0, 40000), spared=0, stall_seconds=(0.05, 0.5), delay_seconds=(0.001, 0.1)
    ):
        self.seed, self.kinds, self.between, self.spared = seed, kinds, between, spared
        self._stall, self._delay = stall_seconds, delay_seconds

    def __call__(self, number):
        drawn = random.Random(f"{self.seed}/{number}")
        return [fault for direction in DIRECTIONS for fault in self._faults_of(direction, number, drawn)]

    def _faults_of(self, direction, number, drawn):
        at = self.spared if number == 0 else 0
        while True:
            kind = drawn.choice(self.kinds)
            at += drawn.randint(*self.between)
            seconds = drawn.uniform(*(self._stall if kind == "stall" else self._delay))
            yield Fault(kind, direction, at, size=drawn.randint(1, 300), seconds=seconds)
            if kind in DEADLY:
                return


def every(size, kind="cut", direction="up"):
    """A plan: each connection ends so after `size` bytes."""
    return lambda number: [Fault(kind, direction, at=size)]


class _Connection:
    def __init__(self, proxy, number, client, server):
        self.proxy, self.number = proxy, number
        self.ends = client, server  # (reader, writer) each
        self.stalled = asyncio.Event()
        self.ended = False
        self.half_closed = set()  # by a fault: what still comes in that direction goes nowhere

    def pipe(self, direction):
        """(reader, writer) of one direction."""
        client, server = self.ends
        return (client[0], server[1]) if direction == "up" else (server[0], client[1])

    async def run(self, faults):
        timed = [asyncio.create_task(self._later(fault)) for fault in faults if fault.after is not None]
        by_bytes = [fault for fault in faults if fault.after is None]
        pumps = [
            self._pump(direction, sorted((f for f in by_bytes if f.direction == direction), key=lambda f: f.at))
            for direction in DIRECTIONS
        ]
        try:
            await asyncio.gather(*pumps)
        except OSError:
            self.end("reset")  # one end has gone so: the other is told the same
        finally:
            for task in timed:
                task.cancel()
            self.end("cut")

    async def _later(self, fault):
        await asyncio.sleep(fault.after)
        await self._do(fault, *self.pipe(fault.direction))

    async def _pump(self, direction, faults):
        reader, writer = self.pipe(direction)
        passed = 0
        while True:
            while faults and faults[0].at <= passed:
                passed += await self._do(faults.pop(0), reader, writer)
            if self.ended:
                return
            data = await reader.read(min(_READ_BYTES, faults[0].at - passed) if faults else _READ_BYTES)
            if self.stalled.is_set():
                await asyncio.Event().wait()  # until the connection is ended
            if not data:
                break
            passed += len(data)
            if direction in self.half_closed:
                continue
            self.proxy.passed(self.number, direction, data)
            writer.write(data)
            await writer.drain()
        if direction not in self.half_closed and not writer.is_closing():
            writer.write_eof()

    async def _do(self, fault, reader, writer):
        """Returns how many bytes of the direction it used up."""
        if not self.proxy.allows():
            return 0
        if fault.kind in ("split", "drop"):
            used = 0
            while used < fault.size:
                data = await reader.read(1 if fault.kind == "split" else fault.size - used)
                if not data:
                    break
                used += len(data)
                if fault.kind == "split":
                    self.proxy.passed(self.number, fault.direction, data)
                    writer.write(data)
                    await writer.drain()
            self.proxy.did(self.number, fault)
            return used
        self.proxy.did(self.number, fault)
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        elif fault.kind == "half-close":
            self.half_closed.add(fault.direction)
            writer.write_eof()
        elif fault.kind == "stall":
            self.stalled.set()
            await (asyncio.sleep(fault.seconds) if fault.seconds else asyncio.Event().wait())
            self.end("reset")
        else:
            self.end(fault.kind)
        return 0

    def end(self, how):
        self.ended = True
        for _, writer in self.ends:
            if how == "reset":
                linger = struct.pack("ii", 1, 0)  # close() sends RST
                try:
                    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                except OSError:
                    pass  # it is closed already
                writer.transport.abort()
            else:
                writer.close()


class FaultProxy:
    """Runs in a thread of its own. `plan` and `target` may be changed at any time, for connections from then on."""

    def __init__(self, target, plan=None, capture=False):
        self.target, self.plan = target, plan
        self.done = []  # (connection's number, Fault), in order
        self.limit = None  # of `done`; then connections are left in peace
        self.connections = 0
        self.captured = {} if capture else None  # (connection's number, direction): the bytes
        self.bytes_passed = 0
        self._alive = {}  # connection: its task

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    def start(self):
        up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(up.set)), daemon=True)
        self._thread.start()
        if not up.wait(30):
            raise AssertionError("the proxy does not start")
        return self

    def close(self):
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(30)

    def end_all(self, how="reset"):
        """Ends all connections by FIN (`cut`) or RST (`reset`); done when this returns."""

        async def end():
            for connection in list(self._alive):
                connection.end(how)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(30)

    # --- what connections tell

    def allows(self):
        return self.limit is None or len(self.done) < self.limit

    def did(self, number, fault):
        self.done.append((number, fault))

    def passed(self, number, direction, data):
        self.bytes_passed += len(data)
        if self.captured is not None:
            self.captured.setdefault((number, direction), bytearray()).extend(data)

    # --- the server

    async def _serve(self, ready):
        server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        self.address = server.sockets[0].getsockname()
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        ready()
        async with server:
            await self._ended.wait()
            for task in list(self._alive.values()):
                task.cancel()
            if self._alive:
                await asyncio.wait(list(self._alive.values()), timeout=10)

    async def _accepted(self, *client):
        number, self.connections = self.connections, self.connections + 1
        try:
            server = await asyncio.open_connection(*self.target)
        except OSError:
            client[1].transport.abort()
            return
        connection = _Connection(self, number, client, server)
        for _, writer in connection.ends:
            writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        task = asyncio.create_task(connection.run(self.plan(number) if self.plan else []))
        self._alive[connection] = task
        try:
            await task
        except asyncio.CancelledError:
            pass
        finally:
            del self._alive[connection]
