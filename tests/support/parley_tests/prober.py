"""`parley check --every`, which probes a relay from outside and tells Prometheus."""

import http.client

from .metrics import Metrics
from .ports import lasting_port
from .programs import Program
from .waiting import eventually


def get(port, path, method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


class Prober:
    """`parley check --every 1s`, with metrics at a port of its own."""

    def __init__(self, relay, *options, pin=None, timeout="30s", port=None):
        self.port = port or lasting_port()
        every = ("--every", "1s", "--metrics", str(self.port), "--timeout", timeout)
        where = ("%s:%d" % relay.address, "--pin", pin or relay.pin)
        self._program = Program("check", *where, *every, *options)

    def __getattr__(self, name):
        return getattr(self._program, name)

    def get(self, path, method="GET"):
        return get(self.port, path, method)

    def metrics(self):
        """Empty before it listens."""
        try:
            return Metrics(self.get("/metrics")[1])
        except ConnectionRefusedError:
            assert self.is_running(), self.errors()
            return Metrics("")

    def value(self, name, **labels):
        return self.metrics().value(f"parley_{name}", **labels)

    def rounds(self, result):
        return self.value("probes_total", result=result)

    def goes_on(self, result="success", rounds=2):
        """That many rounds more end so."""
        before = self.rounds(result)
        eventually(lambda: self.rounds(result) >= before + rounds, lambda: self.errors()[-1000:])
