"""Clients of the classic protocol on python3-rsa."""

import socket
import struct

import rsa

from . import keys
from .segments import send_in_segments, wait_until_read
from .waiting import PATIENCE

KEY_END = b"-----END RSA PUBLIC KEY-----"


class Wire:
    """A connection to the relay, with no idea of its own of what to say."""

    def __init__(self, address, source=None, sock=None):
        self.sock = sock or socket.create_connection(address, timeout=PATIENCE, source_address=source and (source, 0))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def address(self):
        host, port = self.sock.getsockname()[:2]
        return f"{host}:{port}"

    def send(self, data):
        self.sock.sendall(data)

    def send_in_segments(self, pieces):
        send_in_segments(self.sock, pieces)

    def wait_until_read(self):
        wait_until_read(self.sock)

    def read(self, count):
        """Exactly that many bytes, or as many as came before the end."""
        data = b""
        while len(data) < count and (more := self.sock.recv(count - len(data))):
            data += more
        return data

    def read_key(self):
        """The relay's key, as PEM."""
        data = b""
        while not data.endswith(KEY_END + b"\n"):
            more = self.sock.recv(1)
            assert more, f"the end came before a key: {data!r}"
            data += more
        return data

    def end(self):
        """What still comes, until the end: raises if none comes. A reset counts as an end (and drops data)."""
        data = b""
        try:
            while more := self.sock.recv(65536):
                data += more
        except (ConnectionResetError, BrokenPipeError):
            pass
        return data

    def clean_end(self):
        """As end(), but a reset is an error."""
        data = b""
        while more := self.sock.recv(65536):
            data += more
        return data

    def reset(self):
        """Vanishes with a TCP reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self):
        self.sock.close()


class Client(Wire):
    """Has a key of its own and has exchanged keys with the relay."""

    def __init__(self, address, bits=512, private=None, **options):
        super().__init__(address, **options)
        self.private = private or keys.private_key(bits)
        self.public = keys.public_key(self.private)
        self.exchange_keys()

    def exchange_keys(self):
        self.send_own_key()
        self.take_relay_key(self.read_key())

    def send_own_key(self):
        self.send(self.public.save_pkcs1())

    def take_relay_key(self, pem):
        self.relay_pem = pem
        self.relay_key = rsa.PublicKey.load_pkcs1(pem)

    @property
    def block_bytes(self):
        return (self.private.n.bit_length() + 7) // 8

    def seal(self, message):
        return rsa.encrypt(message if isinstance(message, bytes) else message.encode(), self.relay_key)

    def open(self, block):
        return rsa.decrypt(block, self.private)

    def say(self, message):
        self.send(self.seal(message))


class OriginalClient(Client):
    """Behaves exactly as the original project's client: sends its key before it reads (unless reads_first), makes
    512-bit keys, and takes whatever one recv(4096) gives as one thing: two things in one break it."""

    def __init__(self, address, reads_first=False, **options):
        self._reads_first = reads_first
        super().__init__(address, **options)

    def exchange_keys(self):
        if not self._reads_first:
            self.send_own_key()
        thing = self.hear_thing()
        assert thing.endswith(KEY_END + b"\n"), f"one recv gave the relay's key and more: {thing!r}"
        self.take_relay_key(thing)
        if self._reads_first:
            self.send_own_key()

    def hear_thing(self):
        return self.sock.recv(4096)

    def hear_bytes(self):
        thing = self.hear_thing()
        assert thing, "the end came instead of a message"
        assert len(thing) == self.block_bytes, f"one recv gave {len(thing)} bytes"
        return self.open(thing)

    def hear(self):
        return self.hear_bytes().decode()


class BlockClient(Client):
    """Knows the length of its blocks, so that it does not matter how they arrive. Its key is large enough that the
    relay does not pace it, so that tests need not wait for that."""

    def __init__(self, address, bits=1024, **options):
        super().__init__(address, bits=bits, **options)

    def hear_bytes(self):
        block = self.read(self.block_bytes)
        assert len(block) == self.block_bytes, f"the end came after {len(block)} bytes of a block"
        return self.open(block)

    def hear(self):
        return self.hear_bytes().decode()
