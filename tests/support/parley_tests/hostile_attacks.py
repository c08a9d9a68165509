#!/usr/bin/python3
"""What a client can send cheaply, each kind as a function that does it until a deadline and returns how many bytes it
has sent. Everything comes from one address, which is not that of the honest pair.
"""
import random
import re
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import rsa

from . import keys, processes
from .frames import MAX_PAYLOAD, Type, frame

PAIRS = 40  # within what one address may open at once
PACE = 1 / 20  # connections a second of one address, as shipped

source = "127.0.0.2"  # main() takes another


def connect(address):
    return socket.create_connection(address, timeout=10, source_address=(source, 0))


class Tls:
    """One end inside TLS, whose records can be made before they are sent."""

    def __init__(self, address, curve=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["relay/1"])
        if curve:
            context.set_ecdh_curve(curve)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")
        self.sock = connect(address)
        self.sent, self.pending = 0, memoryview(b"")

    def hello_bytes(self):
        """Its ClientHello."""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return self.outgoing.read()

    def _step(self, act):
        while True:
            try:
                return act()
            except ssl.SSLWantReadError:
                self.flush()
                data = self.sock.recv(65536)
                if not data:
                    raise ConnectionError
                self.incoming.write(data)

    def flush(self):
        data = self.outgoing.read()
        self.sock.sendall(data)
        self.sent += len(data)

    def greet(self, **hello):
        self._step(self.tls.do_handshake)
        self.tls.write(frame(Type.HELLO, hello))
        self.flush()
        return self

    def frames(self, wanted):
        """Reads, answering PING, until a frame of that type has come; returns all of it."""
        text = b""
        while wanted not in text:
            data = self._step(lambda: self.tls.read(65536))
            if not data:
                raise ConnectionError
            text += data
            ping = text.find(bytes([Type.PING, 0, 0, 8]))
            if ping >= 0:
                self.tls.write(frame(Type.PONG, text[ping + 4:ping + 12]))
                self.flush()
                text = text[:ping] + text[ping + 12:]
        return text

    def sealed(self, pieces):
        """A record each."""
        for piece in pieces:
            self.tls.write(piece)
        return self.outgoing.read()

    def go_on(self, pieces):
        """Sends what the socket takes of records like these, and drops what has come."""
        if not self.pending:
            self.pending = memoryview(self.sealed(pieces))
        try:
            count = self.sock.send(self.pending)
            self.pending, self.sent = self.pending[count:], self.sent + count
        except BlockingIOError:
            count = 0
        try:
            if not self.sock.recv(1 << 20):
                raise ConnectionError
        except BlockingIOError:
            pass
        return count


def flood(relay, end, pieces, paired=True):
    """PAIRS rooms, in which each client sends these pieces for ever. `paired`: else each waits alone."""
    clients = []
    for _ in range(PAIRS):
        room = "flood-%d" % random.getrandbits(64)
        clients.append(Tls(relay["relay"]).greet(room=room))
        clients[-1].frames(b"resume")
        if paired:
            clients.append(Tls(relay["relay"]).greet(room=room))
            clients[-2].frames(b'"role"')
            clients[-1].frames(b'"role"')
    before = sum(client.sent for client in clients)
    for client in clients:
        client.sock.setblocking(False)
    yield  # all is set up
    while time.monotonic() < end():
        if not sum(client.go_on(pieces) for client in clients):
            time.sleep(0.001)
    yield sum(client.sent for client in clients) - before


def again_and_again(act, end):
    """Something that takes a connection, as often as one address may have one."""
    yield
    sent, due = 0, time.monotonic()
    while time.monotonic() < end():
        try:
            sent += act()
        except OSError:
            pass
        due += PACE
        time.sleep(max(0, due - time.monotonic()))
    yield sent


def abandoned_handshake(relay, curve=None):
    client = Tls(relay["relay"], curve)
    hello = client.hello_bytes()
    client.sock.sendall(hello)
    client.sock.recv(1)
    client.sock.close()
    return len(hello)


def hello_and_gone(relay):
    client = Tls(relay["relay"]).greet(room="gone-%d" % random.getrandbits(64))
    client.frames(b"resume")
    client.sock.close()
    return client.sent


class Resuming:
    """A place that is taken anew by each connection."""

    def __init__(self, relay):
        self.relay, self.room, self.token, self.last = relay, "again-%d" % random.getrandbits(64), None, None

    def __call__(self):
        client = Tls(self.relay["relay"]).greet(room=self.room, **({"resume": self.token} if self.token else {}))
        self.token = re.search(rb'"resume":"([^"]+)"', client.frames(b"resume")).group(1).decode()
        if self.last:
            self.last.sock.close()
        self.last = client
        return client.sent


def read_key(sock):
    data = b""
    while b"END" not in data:
        more = sock.recv(4096)
        if not more:
            raise ConnectionError
        data += more
    return data


def classic_key(relay, key):
    """With a key of its own or none; the relay's is read."""
    with connect(relay["classic"]) as sock:
        read_key(sock)
        sock.sendall(key)
        return len(key)


def dear_blocks(relay, end):
    """Messages to clients whose keys are as long, and their exponents as large, as may be."""
    modulus = (1 << 8191) | random.getrandbits(8191) | 1
    dear = keys.public_pem(modulus, 2**32 - 1) if relay["dear"] else keys.public_pem(modulus, 65537)
    pairs = []
    for _ in range(PAIRS // 4):
        first, second = (connect(relay["classic"]) for _ in range(2))
        for sock in (first, second):
            first_key = read_key(sock)
            sock.sendall(dear)
            if sock is first:
                to_relay = rsa.PublicKey.load_pkcs1(first_key)
                time.sleep(0.2)  # so that it waits when the other comes
        block = rsa.encrypt(b"x", to_relay)
        pairs.append((first, block * 16))
        first.setblocking(False), second.setblocking(False)
        pairs.append((second, b""))
    yield
    sent = 0
    while time.monotonic() < end():
        for sock, blocks in pairs:
            try:
                sent += sock.send(blocks) if blocks else 0
            except BlockingIOError:
                pass
            try:
                sock.recv(1 << 20)
            except BlockingIOError:
                pass
        time.sleep(0.001)
    yield sent


def admin_requests(relay, end, path):
    request = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % path
    yield
    sent = 0
    while time.monotonic() < end():
        with connect(relay["admin"]) as sock:
            for _ in range(100):
                sock.sendall(request)
                sock.recv(1 << 20)
                sent += len(request)
    yield sent


def key_updates(relay, end):
    yield
    program = [processes.program("key_updates"), str(relay["relay"][1]), "100", "%f" % (end() - time.monotonic()), source]
    yield int(subprocess.run(program, stdout=subprocess.PIPE, check=True).stdout)


FULL, SMALL = frame(Type.DATA, bytes(MAX_PAYLOAD)), frame(Type.DATA, bytes(64))
MESSAGES, OTHERS = 8, 4000
RECORD = 16384
ping, later = frame(Type.PING, b"12345678"), b"\x80\0\0\0"
own_key = keys.public_key(keys.private_key()).save_pkcs1()

# Name: what is sent, how; the first two are what honest clients do.
ATTACKS = {
    "full": ("full records of DATA, honest", lambda r, end: flood(r, end, [FULL] * MESSAGES)),
    "small": ("64-byte messages, a record each, honest", lambda r, end: flood(r, end, [SMALL] * OTHERS)),
    "tiny": ("DATA of one byte, a record each", lambda r, end: flood(r, end, [frame(Type.DATA, b"x")] * OTHERS)),
    "empty": ("DATA without a byte, packed", lambda r, end: flood(r, end, [frame(Type.DATA) * (RECORD // 4)] * MESSAGES)),
    "pings": ("PINGs, packed", lambda r, end: flood(r, end, [ping * (RECORD // 12)] * MESSAGES)),
    "ping-records": ("PINGs, a record each", lambda r, end: flood(r, end, [ping] * OTHERS)),
    "waiting-pings": ("the same from who waits", lambda r, end: flood(r, end, [ping] * OTHERS, paired=False)),
    "later": ("frames of later versions, packed", lambda r, end: flood(r, end, [later * (RECORD // 4)] * MESSAGES)),
    "bytes": ("frames a byte a record", lambda r, end: flood(r, end, [bytes([b]) for b in SMALL * (OTHERS // 68)])),
    "key-updates": ("KeyUpdates", key_updates),
    "abandoned": ("handshakes abandoned", lambda r, end: again_and_again(lambda: abandoned_handshake(r), end)),
    "abandoned-p521": ("the same, key exchange over P-521",
                       lambda r, end: again_and_again(lambda: abandoned_handshake(r, "secp521r1"), end)),
    "hello": ("handshake, HELLO, gone", lambda r, end: again_and_again(lambda: hello_and_gone(r), end)),
    "resume": ("a place taken anew by each connection", lambda r, end: again_and_again(Resuming(r), end)),
    "scan": ("classic: connections without a byte", lambda r, end: again_and_again(lambda: classic_key(r, b"") or 1, end)),
    "key": ("classic: a key each, and gone", lambda r, end: again_and_again(lambda: classic_key(r, own_key), end)),
    "blocks": ("classic: blocks to 8192-bit keys", dear_blocks),
    "blocks-dear": ("classic: the same, exponents of 32 bits", lambda r, end: dear_blocks({**r, "dear": True}, end)),
    "healthz": ("admin: /healthz", lambda r, end: admin_requests(r, end, b"/healthz")),
    "metrics": ("admin: /metrics", lambda r, end: admin_requests(r, end, b"/metrics")),
    "sessions": ("admin: /api/v1/sessions", lambda r, end: admin_requests(r, end, b"/api/v1/sessions?limit=1000")),
}


class Attack:
    """In a process of its own. Attackers stand for other machines: they must not take this one's cores from those who are
    measured."""

    def __init__(self, name, relay, source=source):
        ports = (str(address[1]) for address in (relay.address_of("relay"), relay.classic, relay.admin))
        command = ["nice", "-n", "15", sys.executable, "-m", __name__, name, source, *ports]
        environment = processes.clean_environment(
            PYTHONPATH=str(Path(__file__).parents[1]), PARLEY_BIN_DIR=str(Path(processes.program("parleyd")).parent)
        )
        self._process = processes.start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        if self._process.stdout.readline() != "ready\n":
            raise SystemExit("the attack %s did not begin" % name)

    def begin(self, seconds):
        self._process.stdin.write("%f\n" % seconds)
        self._process.stdin.flush()

    def sent(self):
        count = int(self._process.stdout.readline())
        self._process.wait()
        return count


def main():
    """-m parley_tests.hostile_attacks NAME ADDRESS RELAY CLASSIC ADMIN: from that address, sets itself up, says so, waits
    for a line with the seconds, and prints the bytes sent."""
    global source
    name, source, *ports = sys.argv[1:]
    relay = {kind: ("127.0.0.1", int(port)) for kind, port in zip(("relay", "classic", "admin"), ports)} | {"dear": False}
    until = [0.0]
    run = ATTACKS[name][1](relay, lambda: until[0])
    next(run)
    print("ready", flush=True)
    until[0] = time.monotonic() + float(sys.stdin.readline())
    print(next(run), flush=True)


if __name__ == "__main__":
    main()
