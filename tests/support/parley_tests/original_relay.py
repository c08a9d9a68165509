"""A relay as the original project describes its own (a hundred lines on python3-rsa), to test clients with: it greets two
clients only once both are there, takes whatever one recv gives it for one thing, a key or a block, and lets the two take
strict turns, the first one first. What it cannot make sense of ends its thread, and with it the conversation."""

import socket
import threading
import time

import rsa

from . import keys

_MOST = 4096


class OriginalRelay:
    """`unread`: the seconds that pass before it reads what a client sends once it has its key. `broken`: what ended its
    threads, when it was not a client that left."""

    def __init__(self, bits=512, unread=0.02):
        self._private = keys.private_key(bits)
        self._public = keys.public_key(self._private)
        self._unread = unread
        self.broken = []
        self.accepted = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.classic = self._listener.getsockname()
        self._sockets = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            pair = []
            while len(pair) < 2:
                try:
                    pair.append(self._listener.accept()[0])
                except OSError:
                    return
                self.accepted += 1
            self._sockets += pair
            threading.Thread(target=self._run, args=pair, daemon=True).start()

    def _run(self, first, second):
        try:
            self._handle(first, second)
        except (ValueError, rsa.DecryptionError, OverflowError) as error:
            self.broken.append(error)
        except OSError:
            pass
        for client in (first, second):
            client.close()

    def _handle(self, first, second):
        client_keys = {}
        for client in (first, second):
            client.send(self._public.save_pkcs1())
            time.sleep(self._unread)
            client_keys[client] = rsa.PublicKey.load_pkcs1(client.recv(_MOST).decode().encode())
        while True:
            for client, other in ((first, second), (second, first)):
                block = client.recv(_MOST)
                if not block:
                    return
                message = rsa.decrypt(block, self._private).decode()
                other.send(rsa.encrypt(message.encode(), client_keys[other]))

    def close(self):
        self._listener.close()
        for client in self._sockets:
            client.close()
