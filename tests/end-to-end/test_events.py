"""/api/v1/events: what happens, as it happens, to at most eight who watch; they hold up nothing, and end with the relay."""

import contextlib
import http.client
import json
import signal
import socket
import threading
import urllib.parse

import pytest

from parley_tests.admin_api import AdminApi
from parley_tests.waiting import eventually


class Watcher:
    """Reads events in a thread: `events` are (name, data)."""

    def __init__(self, address):
        self.events, self.ended, self._thread = [], False, None
        self._connection = http.client.HTTPConnection(*address, timeout=60)
        self._connection.request("GET", "/api/v1/events", headers={"Accept": "text/event-stream"})
        self._socket = self._connection.sock
        self.response = self._connection.getresponse()
        if self.response.status == 200:
            assert self.response.headers["Content-Type"] == "text/event-stream"
            assert self.response.readline() == b"retry: 2000\n"  # it watches from here on
            self._thread = threading.Thread(target=self._read, daemon=True)
            self._thread.start()

    def _read(self):
        name = None
        try:
            for line in self.response:
                text = line.decode().rstrip("\n")
                if text.startswith("event: "):
                    name = text.removeprefix("event: ")
                elif text.startswith("data: "):
                    self.events.append((name, json.loads(text.removeprefix("data: "))))
        except (OSError, ValueError, http.client.HTTPException):
            pass
        self.ended = True

    def sees(self, name, **fields):
        def found():
            return next((data for one, data in self.events if one == name and data.items() >= fields.items()), None)

        return eventually(found, lambda: f"{name} {fields} in {self.events}")

    def close(self):
        if self._thread:
            with contextlib.suppress(OSError):  # not connected any more
                self._socket.shutdown(socket.SHUT_RDWR)
            self._thread.join()
        self._connection.close()


@pytest.fixture
def rooms(start_rooms):
    return start_rooms(classic_listen="127.0.0.1:0", max_connections=20)


@pytest.fixture
def watch(rooms, clients):
    def begin():
        watcher = Watcher(rooms.relay.admin)
        clients.append(watcher)
        return watcher

    return begin


def test_sessions_drains_reloads_and_keys(rooms, watch):
    api, watcher = AdminApi(rooms.relay), watch()
    first, second = rooms.pair()
    begun = watcher.sees("session-started", protocol="relay")
    session = api.get("/api/v1/sessions").json["sessions"][0]
    assert begun["session"] == session["id"] and begun["first"] == session["legs"][0]["address"] and begun["time"]
    first.bye()
    second.close()
    ended = watcher.sees("session-ended", session=session["id"])
    assert ended["reason"] == "peer-closed" and ended["lasted_s"] >= 0
    api.post("/api/v1/reload")
    assert watcher.sees("reloaded")["changed"] == ""
    api.post("/api/v1/keys/rotate")
    watcher.sees("keys-rotated")
    api.post("/api/v1/drain", {"deadline_s": None})
    assert watcher.sees("drain-begun")["for_good"] is False
    watcher.sees("drained")
    api.delete("/api/v1/drain")
    watcher.sees("drain-ended")


def test_refusals_are_summed_up(rooms, watch):
    watcher = watch()
    held = [rooms.relay.client() for _ in range(20)]
    for _ in range(3):
        assert rooms.relay.wire().end() == b""
    watcher.sees("refused", protocol="classic")
    times = lambda: sum(data["reasons"].get("overloaded", 0) for name, data in watcher.events if name == "refused")
    eventually(lambda: times() == 3, "all three are in it")
    assert len(held) == 20


def test_at_most_eight_watch_and_a_place_comes_free(rooms, watch):
    eight = [watch() for _ in range(8)]
    ninth = watch()
    assert ninth.response.status == 503 and ninth.response.headers["Retry-After"]
    assert "8" in json.loads(ninth.response.read())["detail"]
    for path in ("/healthz", "/metrics"):
        assert rooms.relay.get(path)[0] == 200
    eight[0].close()
    rooms.pair()  # its stream ends with the next word to it
    eventually(lambda: watch().response.status == 200, "somebody else may")


def test_who_reads_nothing_holds_up_nothing(rooms, watch):
    api = AdminApi(rooms.relay)
    silent = http.client.HTTPConnection(*rooms.relay.admin, timeout=60)
    silent.request("GET", "/api/v1/events")
    watcher = watch()
    for _ in range(300):
        api.post("/api/v1/keys/rotate")
    eventually(lambda: sum(name == "keys-rotated" for name, _ in watcher.events) == 300, "who reads hears all")
    rooms.assert_pairs_talk(rooms.pair())
    silent.close()


def test_the_end_of_the_relay_ends_it(rooms, watch):
    watcher = watch()
    rooms.relay.signal(signal.SIGTERM)
    assert watcher.sees("drain-begun")["for_good"] is True
    assert rooms.relay.exit_status(timeout=20) == 0
    eventually(lambda: watcher.ended, "the stream ends")


def test_head_and_http_1_0(rooms):
    api = AdminApi(rooms.relay)
    assert api.call("HEAD", "/api/v1/events").status == 200
    target = urllib.parse.urlsplit("//%s:%d" % rooms.relay.admin)
    connection = http.client.HTTPConnection(target.hostname, target.port, timeout=60)
    connection._http_vsn, connection._http_vsn_str = 10, "HTTP/1.0"
    connection.request("GET", "/api/v1/events", headers={"Host": "localhost"})
    assert connection.getresponse().status == 400
    connection.close()
