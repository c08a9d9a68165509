"""A client of relay/1 on blocking sockets, written from docs/relay-protocol.md alone."""

import base64
import hashlib
import json
import socket
import ssl
import subprocess

from .frames import FIRST_LATER_TYPE, HEADER_BYTES, Type, frame, header
from .waiting import PATIENCE


class Ended(Exception):
    """The relay has closed the connection."""


def pin_of(certificate):
    """The pin of a certificate in DER."""
    public = subprocess.run(
        ["openssl", "x509", "-inform", "DER", "-pubkey", "-noout"], input=certificate, capture_output=True, check=True
    ).stdout
    der = base64.b64decode(b"".join(line for line in public.splitlines() if not line.startswith(b"-")))
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).decode().rstrip("=")


class RelayClient:
    """One connection. `newest` is the token to come back with, `paired` the last PAIRED."""

    def __init__(
        self, address, pin=None, alpn=("relay/1",), version=ssl.TLSVersion.TLSv1_3, timeout=PATIENCE, own=None, sock=None
    ):
        """`own`: the files of the client's certificate and its key."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # the pin decides
        context.minimum_version = context.maximum_version = version
        if own:
            context.load_cert_chain(*own)
        if alpn:
            context.set_alpn_protocols(list(alpn))
        tcp = sock or socket.create_connection(address, timeout=timeout)
        tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.newest = self.paired = None
        try:
            self.sock = context.wrap_socket(tcp, server_hostname="localhost", suppress_ragged_eofs=False)
            if pin and pin_of(self.sock.getpeercert(binary_form=True)) != pin:
                raise ssl.SSLError("the relay has another pin")
        except BaseException:
            tcp.close()
            raise

    # --- frames

    def send_raw(self, data):
        self.sock.sendall(data)

    def send(self, kind, payload=b""):
        self.send_raw(frame(kind, payload))

    def _exactly(self, count):
        data = bytearray()
        while len(data) < count:
            try:
                piece = self.sock.recv(count - len(data))
            except (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionResetError, BrokenPipeError) as end:
                raise Ended("without close_notify") from end
            if not piece:
                raise Ended("closed")
            data += piece
        return bytes(data)

    def read_frame(self):
        """(Type, payload) of the next frame that is not of a later version; JSON is decoded, PING answered."""
        while True:
            kind, length = header(self._exactly(HEADER_BYTES))
            payload = self._exactly(length)
            if kind >= FIRST_LATER_TYPE:
                continue
            if kind == Type.PING:
                self.send(Type.PONG, payload)
                continue
            if kind not in (Type.DATA, Type.PONG):
                payload = json.loads(payload)
                self.newest = payload.get("resume", self.newest)
            return Type(kind), payload

    def expect(self, kind):
        """The payload of the next frame, which must be of that type."""
        got, payload = self.read_frame()
        assert got == kind, f"{got.name} {payload} in place of {Type(kind).name}"
        return payload

    # --- what clients do

    def hello(self, room, **more):
        self.send(Type.HELLO, {"room": room} | more)
        return self

    def wait(self):
        return self.expect(Type.WAITING)

    def pair(self, after_peer_left=False):
        """Reads PAIRED, and answers it with READY when it must be. `after_peer_left`: perhaps."""
        kind, self.paired = self.read_frame()
        if after_peer_left and kind == Type.PEER_LEFT:
            kind, self.paired = self.read_frame()
        assert kind == Type.PAIRED, f"{kind.name} {self.paired} in place of PAIRED"
        if self.paired["resumed"]:
            self.send(Type.READY)
        return self.paired

    def say(self, message):
        self.send(Type.DATA, message)

    def hear(self):
        return self.expect(Type.DATA)

    def ping(self, cookie=b"12345678"):
        """Returns when the relay has handled all that was sent before."""
        self.send(Type.PING, cookie)
        assert self.expect(Type.PONG) == cookie

    def error(self):
        """The code of the ERROR that comes now; the connection ends with it."""
        payload = self.expect(Type.ERROR)
        assert payload["message"]
        self.ended()
        return payload["code"]

    def peer_left(self):
        return self.expect(Type.PEER_LEFT)

    def ended(self):
        try:
            more = self.read_frame()
        except Ended:
            return
        raise AssertionError(f"not closed, but {more}")

    def bye(self):
        self.send(Type.BYE)
        self.close()

    def lose(self):
        """Ends without BYE: the connection is lost."""
        self.close()

    def close(self):
        self.sock.close()
