"""Requests of every kind, good and spoilt, at the admin endpoint, each of whose answers must be one that /openapi.json
has."""

import collections
import concurrent.futures
import random
import re
import socket

from .admin_api import AdminApi
from .memory import is_sanitized, resident
from .processes import program
from .relay import Relay
from .waiting import in_the_end

_PROCESSES = 4
_ALLOWED_GROWTH = 32 << 20  # buffers and arenas of 32 threads, which stay
# What the endpoint may say of a request that it has not understood, or that asks for nothing it knows.
_OF_ANY = {"400", "401", "403", "404", "405", "411", "413", "414", "415"}
_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "get", "BREW", "")
_QUERIES = ("limit=1", "limit=0", "limit=1000", "cursor=0000000000000001", "cursor=x", "protocol=relay", "state=held",
            "state=nothing", "verbose", "minutes=5", "minutes=61", "limit=1&limit=2", "%00", "%zz", "a=%ff", "=&=&")
_HEADERS = ("Host: localhost", "Host: evil.example", "Host: localhost\r\nHost: localhost", "Origin: https://evil.example",
            "Authorization: Bearer x", "Accept: application/openmetrics-text", "Accept: \x00", "Connection: close",
            "Content-Type: application/json", "Content-Type: text/plain", "Transfer-Encoding: chunked", "Expect: 100-continue",
            "Content-Length: 0", "Content-Length: -1", "Content-Length: 5", "Content-Length: 99999999999999999999",
            " folded: x", "no colon", "X: " + "x" * 300, "Upgrade: h2c", "Range: bytes=0-1", "If-None-Match: *")  # fmt: skip
_BODIES = (b"", b"{}", b'{"deadline_s": null}', b'{"deadline_s": 1e400}', b'{"level": "info"}', b'{"level": "info", "for_s": 1}',
           b'{"level": 7}', b"[", b"{" * 2000, b"\xff\xfe", b'{"level": "info", "x": 1}', b"null")  # fmt: skip


def _request(draw, operations):
    method, path, _ = draw.choice(operations)
    path = path.replace("{id}", draw.choice(("0000000000000007", "x", "%41", "f" * 16, "")))
    if draw.random() < 0.1:
        method = draw.choice(_METHODS)
    if draw.random() < 0.1:
        path = draw.choice((path + "/", path.upper(), "/" + path, path + "/..", "*", "", "/" + "a" * 9000, "/\x7f"))
    if draw.random() < 0.3:
        path += "?" + draw.choice(_QUERIES)
    headers = ["Host: localhost"] if draw.random() < 0.95 else []
    headers += draw.sample(_HEADERS, draw.choice((0, 0, 0, 1, 1, 2)))
    body = draw.choice(_BODIES) if draw.random() < 0.5 else b""
    if body and draw.random() < 0.9:
        headers += ["Content-Type: application/json", "Content-Length: %d" % len(body)]
    head = "%s %s HTTP/1.%s\r\n%s\r\n\r\n" % (method, path, draw.choice("1111110"), "\r\n".join(headers))
    request = bytearray(head.encode("latin-1") + body)
    spoilt = draw.random() < 0.15  # and has perhaps become another request
    if spoilt:
        for _ in range(draw.randrange(1, 4)):
            request[draw.randrange(len(request))] = draw.randrange(256)
    return method, None if spoilt else path.partition("?")[0], bytes(request)


class _Connection:
    def __init__(self, address):
        self._sock = socket.create_connection(address, timeout=60)
        self._data = b""

    def ask(self, request, is_head):
        """(status, head) and whether the connection goes on; None when it has been closed without an answer."""
        try:
            self._sock.sendall(request)
            self._sock.shutdown(socket.SHUT_WR)  # what a spoilt length waits for does not come
        except OSError:
            pass
        head = b"HTTP/1.1 100 Continue"
        while head == b"HTTP/1.1 100 Continue":
            while b"\r\n\r\n" not in self._data:
                if not self._receive():
                    return None
            head, _, self._data = self._data.partition(b"\r\n\r\n")
        if b"text/event-stream" not in head and not is_head:
            while self._receive():
                pass
        return head.split(b" ", 2)[1].decode(), head

    def _receive(self):
        try:
            more = self._sock.recv(65536)
        except ConnectionError:
            return False
        self._data += more
        return bool(more)

    def close(self):
        self._sock.close()


def _documented(operations):
    return [(method, re.compile(re.sub(r"\{\w+\}", "[^/]*", path)), set(one["responses"])) for method, path, one in operations]


def _worker(address, operations, seed, requests):
    draw, known, seen, wrong = random.Random(seed), _documented(operations), collections.Counter(), []
    for _ in range(requests):
        method, path, request = _request(draw, operations)
        connection = _Connection(address)
        answer = connection.ask(request, method == "HEAD")
        connection.close()
        status, head = answer or ("closed", b"")
        seen[status] += 1
        allowed = _OF_ANY | {"closed"}
        for asked, form, statuses in known:
            if path is None or (form.fullmatch(path) and asked == ("GET" if method == "HEAD" else method)):
                allowed |= statuses
        problem = status[0] in "45" and b"problem+json" not in head and b"text/plain" not in head
        if status not in allowed or problem:
            wrong.append((request[:300], status, head[:300]))
    return seen, wrong


def run(requests, seed, report):
    relay = Relay(relay_listen="none", log_level="critical", classic_key_pool=1)
    relay.wait_for_keys()
    operations = list(AdminApi(relay).operations())
    each = max(1, requests // _PROCESSES // 10)
    seen, wrong, before = collections.Counter(), [], None
    with concurrent.futures.ProcessPoolExecutor(_PROCESSES) as pool:
        for part in range(10):
            seeds = [seed + part * _PROCESSES + i for i in range(_PROCESSES)]
            work = [pool.submit(_worker, relay.admin, operations, one, each) for one in seeds]
            for done in work:
                counts, faults = done.result()
                seen += counts
                wrong += faults
            relay_is_well = relay.get("/healthz")[0] == 200
            before = before or resident(relay.pid)
            report("%d requests: %s; memory %.1f MB" % (
                sum(seen.values()), ", ".join("%s %d" % one for one in sorted(seen.items())), resident(relay.pid) / 2**20))
            if wrong or not relay_is_well:
                break
    for fault in wrong[:5]:
        report("not documented: %r" % (fault,))
    # A sanitizer keeps what was freed.
    back = is_sanitized(program("parleyd")) or in_the_end(lambda: resident(relay.pid) < before + _ALLOWED_GROWTH, 30)
    said = relay.stop()
    report(said or "the relay ended with 0 and reported nothing")
    return not wrong and back and not said
