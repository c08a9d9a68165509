"""A client of relay/1, frame by frame."""

import json
import socket
import ssl

HELLO, WAITING, PAIRED, DATA, PEER_LEFT, ERROR, PING, PONG, GOAWAY, BYE, READY = range(1, 12)


def tls_context(alpn=("relay/1",)):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


class RelayClient:
    def __init__(self, address, context=None, timeout=30):
        raw = socket.create_connection(address, timeout)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.tls = (context or tls_context()).wrap_socket(raw, server_hostname="localhost")
        self._buffer = b""

    def send(self, type_, payload=b""):
        if not isinstance(payload, bytes):
            payload = json.dumps(payload).encode()
        self.tls.sendall(bytes([type_]) + len(payload).to_bytes(3, "big") + payload)

    def send_raw(self, data):
        self.tls.sendall(data)

    def _read(self, count):
        while len(self._buffer) < count:
            part = self.tls.recv(65536)
            if not part:
                raise EOFError(f"closed after {self._buffer!r}")
            self._buffer += part
        data, self._buffer = self._buffer[:count], self._buffer[count:]
        return data

    def receive(self):
        """(type, payload): JSON payloads as dictionaries."""
        header = self._read(4)
        payload = self._read(int.from_bytes(header[1:], "big"))
        kind = header[0]
        return kind, json.loads(payload) if kind in (WAITING, PAIRED, PEER_LEFT, ERROR, GOAWAY) else payload

    def expect(self, kind):
        got, payload = self.receive()
        assert got == kind, f"{got} {payload!r} where {kind} was expected"
        return payload

    def expect_end(self):
        try:
            frame = self.receive()
        except (EOFError, ConnectionError, ssl.SSLError):
            return
        raise AssertionError(f"{frame} where the end was expected")

    def expect_error(self, code):
        error = self.expect(ERROR)
        assert error["code"] == code, error
        self.expect_end()
        return error

    def hello(self, room, **members):
        self.send(HELLO, {"room": room} | members)

    def vanish(self):
        """The connection breaks, without a word."""
        raw = self.tls.detach() if hasattr(self.tls, "detach") else self.tls.fileno()
        dead = socket.socket(fileno=raw)
        dead.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        dead.close()

    def close(self):
        self.tls.close()
