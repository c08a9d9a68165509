"""A small relay of relay/1, written from docs/relay-protocol.md, for testing clients: honest, until told to lie.

By hand: cd tests/support; /usr/bin/python3 -m parley_tests.lying_relay --port 0
It prints its port, its pin and `ready`, and then takes commands, a line each, from standard input:

    drop|repeat|swap|flip first|second N   lie about the N-th DATA from that role: leave it out, send it twice, send it
                                           after the next one, change a bit of it
    refuse CODE [SECONDS]                  answer the next HELLO with that ERROR, and retry_after_s
    refuse-all CODE [SECONDS]              the same for every HELLO until `admit`
    admit                                  refuse nobody any more
    hide-leaving                           tell nobody any more that a partner has left
    goaway MS                              send everybody GOAWAY
    leave                                  send everybody ERROR `ended-by-operator`
    cut                                    reset all connections; the places are kept
    pace RATE                              pass on no more bytes of DATA a second from each client; 0: as fast as can be
    forget                                 take no token made until now, as if started anew without its key

Simpler than parleyd: places are kept in memory and for ever, no limits but on frames and HELLO's time, and a client
without ALPN is closed after the handshake instead of in it.
"""

import argparse
import asyncio
import json
import logging
import re
import secrets
import ssl
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

from .certificates import Certificate
from .frames import FIRST_LATER_TYPE, HEADER_BYTES, MAX_JSON, MAX_PAYLOAD, Type, frame, header

LIES = ("drop", "repeat", "swap", "flip")
ROLES = ("first", "second")
_HELLO_SECONDS = 10
_GRACE_SECONDS = 60


class Refused(Exception):
    """A client's mistake, or an order to refuse it: ERROR, then close."""

    def __init__(self, code, message="", retry_after=None):
        super().__init__(code)
        self.payload = {"code": code, "message": message or code}
        if retry_after is not None:
            self.payload["retry_after_s"] = retry_after


@dataclass(eq=False)
class Place:
    """One of the two in a session, or who waits for a partner; outlives its connections."""

    room: str
    leg: "Leg" = None
    session: "Session" = None
    role: str = "first"

    def partner(self):
        return self.session.places[1 - ROLES.index(self.role)]


@dataclass(eq=False)
class Session:
    places: list
    name: str = field(default_factory=lambda: secrets.token_hex(16))
    over: bool = False


class Leg:
    def __init__(self, relay, reader, writer):
        self.relay, self.reader, self.writer = relay, reader, writer
        self.place = None
        self.paired = False  # on this connection
        self.owes_ready = 0
        self._paid_until = 0  # by the loop's clock: what has been passed on takes until then at the relay's pace

    def send(self, kind, payload=b""):
        if not self.writer.is_closing():
            self.writer.write(frame(kind, payload))

    def abort(self):
        if not self.writer.is_closing():  # else the transport may have nothing left to abort
            self.writer.transport.abort()

    async def read_frame(self):
        kind, length = header(await self.reader.readexactly(HEADER_BYTES))
        if length > MAX_PAYLOAD or (kind == Type.HELLO and length > MAX_JSON):
            raise Refused("bad-frame", "frame longer than allowed")
        if kind >= FIRST_LATER_TYPE:
            await self.reader.readexactly(length)
            return await self.read_frame()
        allowed = {Type.PING, Type.PONG}
        allowed |= {Type.BYE} if self.place else {Type.HELLO}
        allowed |= {Type.DATA, Type.READY} if self.paired else set()
        wanted = {Type.PING: 8, Type.PONG: 8, Type.BYE: 0, Type.READY: 0}.get(kind, length)
        if kind not in allowed or length != wanted:
            raise Refused("bad-frame", "not allowed now, or not of this length")
        return kind, await self.reader.readexactly(length)

    async def run(self):
        said_bye = False
        try:
            if self.writer.get_extra_info("ssl_object").selected_alpn_protocol() != "relay/1":
                return
            await asyncio.wait_for(self._hello(), _HELLO_SECONDS)
            while not said_bye:
                kind, payload = await self.read_frame()
                if kind == Type.PING:
                    self.send(Type.PONG, payload)
                elif kind == Type.READY:
                    self.owes_ready = max(0, self.owes_ready - 1)
                elif kind == Type.DATA:
                    await self._data(payload)
                said_bye = kind == Type.BYE
        except Refused as refusal:
            self.send(Type.ERROR, refusal.payload)
        except asyncio.TimeoutError:
            self.send(Type.ERROR, {"code": "too-slow", "message": "no HELLO in time"})
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.relay.gone(self, said_bye)
            self.writer.close()

    async def _hello(self):
        kind, payload = await self.read_frame()
        while kind != Type.HELLO:
            if kind == Type.PING:
                self.send(Type.PONG, payload)
            kind, payload = await self.read_frame()
        self.relay.enter(self, parse_hello(payload))

    async def _data(self, payload):
        partner = self.place.partner().leg
        if partner is None or self.owes_ready:
            self.relay.dropped += 1
            return
        for message in self.relay.pass_on(self.place.role, payload):
            partner.send(Type.DATA, message)
        try:
            await partner.writer.drain()
        except OSError:
            pass  # the partner's own task notices
        if self.relay.pace:
            now = asyncio.get_running_loop().time()
            self._paid_until = max(now, self._paid_until) + len(payload) / self.relay.pace
            await asyncio.sleep(self._paid_until - now)


def parse_hello(payload):
    def once(pairs):
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a name twice")
        return dict(pairs)

    rules = {
        "room": r"[A-Za-z0-9._~-]{1,128}",
        "resume": r"[!-~]{1,512}",
        "client": r"[ -~]{1,64}",
        "access": r"[!-~]{1,256}",
    }
    try:
        hello = json.loads(payload.decode(), object_pairs_hook=once)
        well = isinstance(hello, dict) and "room" in hello
        for name, rule in rules.items():
            well = well and (name not in hello or bool(re.fullmatch(rule, hello[name])))
    except (ValueError, TypeError, RecursionError):
        well = False
    if not well:
        raise Refused("bad-hello", "HELLO is not as it must be")
    return hello


class LyingRelay:
    """Runs in a thread of its own, or, by hand, in main(). What other threads may call: start, close, command."""

    def __init__(self, port=0, directory=None, host="127.0.0.1"):
        self._directory = None if directory else tempfile.TemporaryDirectory()
        self.certificate = Certificate(Path(directory or self._directory.name))
        self.pin = self.certificate.pin
        self.host, self.port = host, port
        self.lies = {}  # (role, number of its DATA, from 1): what to do with it
        self.told = []  # the lies that were told
        self.data = {role: 0 for role in ROLES}  # DATA passed on, or lied about
        self.dropped = 0  # DATA that was not for the new stream, as the protocol has it
        self.pace = 0  # bytes of DATA a second from each client, if not 0
        self._held = {}  # role: a DATA to be sent after the next one
        self._rooms = {}  # name: the Place that waits, or the Session
        self._tokens = {}
        self._legs = set()
        self._refusal = None
        self._refuses_all = False
        self._hides_leaving = False
        self.refused = 0  # HELLOs, by order

    @property
    def address(self):
        return self.host, self.port

    @property
    def endpoint(self):
        """As `parley` takes it."""
        return "%s:%d" % self.address

    @property
    def options(self):
        """Of `parley`, to meet at it."""
        return "--relay", self.endpoint, "--pin", "sha256:" + self.pin

    # --- rooms

    def enter(self, leg, hello):
        if self._refusal:
            refusal = self._refusal
            self.refused += 1
            if not self._refuses_all:
                self._refusal = None
            raise refusal
        room, token = hello["room"], hello.get("resume")
        place = self._tokens.get(token)
        if token is not None and (place is None or place.room != room or (place.session and place.session.over)):
            raise Refused("bad-resume", "this token is not good here")
        held = self._rooms.get(room)
        if place is not None and (place.session or held is place):
            self._replace(place, leg)
        elif held is None:
            place = self._rooms[room] = Place(room, leg)
        elif isinstance(held, Session):
            full = all(one.leg for one in held.places)
            raise Refused("room-full", "two are here") if full else Refused("room-held", "kept for others", 1)
        else:
            place = Place(room, leg, role="second")
            place.session = held.session = Session([held, place])
            self._rooms[room] = place.session
            leg.place = place
            return self._pair(place.session, resumed=False)
        leg.place = place
        if place.session and place.partner().leg:
            return self._pair(place.session, resumed=True)
        leg.send(Type.WAITING, {"expires_s": 0, "resume": self._token(place)})

    def _replace(self, place, leg):
        older, place.leg = place.leg, leg
        if older:
            older.place = None
            older.abort()

    def _pair(self, session, resumed):
        self._held.clear()
        for place in session.places:
            place.leg.paired = True
            place.leg.owes_ready += resumed
            paired = {"session": session.name, "role": place.role, "resume": self._token(place)}
            place.leg.send(Type.PAIRED, paired | {"resumed": resumed, "grace_s": _GRACE_SECONDS})

    def _token(self, place):
        token = secrets.token_urlsafe(24)
        self._tokens[token] = place
        return token

    def gone(self, leg, said_bye):
        self._legs.discard(leg)
        place = leg.place
        if place is None or place.leg is not leg:
            return
        place.leg = None
        if place.session is None:
            del self._rooms[place.room]
            return
        if self._hides_leaving:
            return
        partner = place.partner().leg
        if said_bye:
            place.session.over = True
            del self._rooms[place.room]
        if partner and said_bye:
            partner.send(Type.PEER_LEFT, {"reason": "closed", "grace_s": 0})
            partner.writer.close()
        elif partner and partner.paired:
            partner.send(Type.PEER_LEFT, {"reason": "lost", "grace_s": _GRACE_SECONDS})

    # --- lies

    def pass_on(self, role, payload):
        """What becomes of one DATA: the messages to send in its place."""
        self.data[role] += 1
        lie = self.lies.pop((role, self.data[role]), None)
        held = self._held.pop(role, None)
        messages = [payload]
        if lie == "drop":
            messages = []
        elif lie == "repeat":
            messages = [payload, payload]
        elif lie == "flip":
            changed = bytearray(payload or b"\0")
            changed[len(changed) // 2] ^= 0x10
            messages = [bytes(changed)]
        elif lie == "swap":
            messages, self._held[role] = [], payload
        if lie:
            self.told.append((lie, role, self.data[role]))
        return messages + ([held] if held is not None else [])

    def _obey(self, line):
        word, *rest = line.split()
        if word in LIES:
            role, number = rest
            if role not in ROLES:
                raise ValueError(f"{role}: first or second")
            self.lies[role, int(number)] = word
        elif word in ("refuse", "refuse-all"):
            self._refuses_all = word == "refuse-all"
            self._refusal = Refused(rest[0], "the test says so", int(rest[1]) if rest[1:] else None)
        elif word == "hide-leaving":
            self._hides_leaving = True
        elif word == "admit":
            self._refusal = None
        elif word == "pace":
            self.pace = int(rest[0])
        elif word == "forget":
            self._tokens.clear()
            self._rooms.clear()
        elif word in ("goaway", "leave", "cut"):
            for leg in list(self._legs):
                if word == "goaway":
                    leg.send(Type.GOAWAY, {"reason": "draining", "reconnect_after_ms": int(rest[0])})
                elif word == "leave":
                    leg.send(Type.ERROR, {"code": "ended-by-operator", "message": "ended"})
                    leg.writer.close()
                else:
                    leg.abort()
        else:
            raise ValueError(f"no command {word!r}")

    # --- the server

    async def _serve(self, ready):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.set_alpn_protocols(["relay/1"])
        context.load_cert_chain(self.certificate.certificate, self.certificate.key)
        server = await asyncio.start_server(self._accepted, self.host, self.port, ssl=context)
        self.port = server.sockets[0].getsockname()[1]
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        # Of connections that end in a handshake, or while there is more to be sent.
        self._loop.set_exception_handler(lambda loop, what: None)
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
        ready()
        async with server:
            await self._ended.wait()
            for leg in list(self._legs):
                leg.abort()

    async def _accepted(self, reader, writer):
        leg = Leg(self, reader, writer)
        self._legs.add(leg)
        await leg.run()

    def start(self):
        up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(up.set)), daemon=True)
        self._thread.start()
        if not up.wait(30):
            raise AssertionError("the relay does not start")
        return self

    def command(self, line):
        """Any of those above; done when this returns."""

        async def obey():
            self._obey(line)

        asyncio.run_coroutine_threadsafe(obey(), self._loop).result(30)

    def close(self):
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(30)
        if self._directory:
            self._directory.cleanup()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    relay = LyingRelay(parser.parse_args().port).start()
    print(f"port {relay.port}\npin sha256:{relay.pin}\nready", flush=True)
    try:
        for line in filter(str.strip, sys.stdin):
            try:
                relay.command(line)
                print("done", flush=True)
            except (ValueError, IndexError) as error:
                print(f"not understood: {error}", flush=True)
        relay._thread.join()  # standard input may be closed from the start
    except KeyboardInterrupt:
        relay.close()


if __name__ == "__main__":
    main()
