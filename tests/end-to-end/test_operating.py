"""What an operator does by the admin API, and what becomes of who is connected: a drain, and taking it back."""

import signal

from parley_tests.admin_api import AdminApi
from parley_tests.frames import Type
from parley_tests.waiting import eventually


def start(start_rooms, **options):
    rooms = start_rooms(classic_listen="127.0.0.1:0", **options)
    return rooms, rooms.relay, AdminApi(rooms.relay)


def drained(api):
    counts = api.get("/api/v1/status").json["protocols"]
    return all(one["connections"] == 0 for one in counts.values())


def test_a_drain_and_back(start_rooms):
    rooms, relay, api = start(start_rooms)
    a, b = relay.pair()
    waiting = relay.client()
    relay.wait_for_lobby(1)
    assert api.post("/api/v1/drain", {"deadline_s": None}).json["deadline"] is None
    assert relay.get("/readyz")[0] == 503
    assert api.get("/api/v1/status").json["drain"]["for_good"] is False
    assert waiting.end() == b""
    assert relay.wire().end() == b""
    eventually(lambda: relay.refused("draining") == 1, "counted")
    a.say("goes on")
    assert b.hear() == "goes on"
    assert api.delete("/api/v1/drain").status == 204
    assert relay.get("/readyz") == (200, "ready\n")
    assert api.get("/api/v1/status").json["drain"] is None
    relay.assert_chat_works()
    a.say("went on")
    assert b.hear() == "went on"
    rooms.assert_pairs_talk(rooms.pair())
    eventually(lambda: len(relay.log_lines("admin call", "/api/v1/drain")) == 2, "both calls are logged")
    assert relay.log_lines("draining", "signal=0") and relay.log_lines("takes clients again")


def test_clients_of_relay_1_are_told_to_go(start_rooms):
    rooms, relay, api = start(start_rooms)
    first, second = rooms.pair()
    waiting = rooms.wait()
    assert api.post("/api/v1/drain", {"deadline_s": None}).status == 202
    assert waiting.error() == "draining"
    assert first.expect(Type.GOAWAY) and second.expect(Type.GOAWAY)
    assert rooms.refused() == "draining"
    first.say(b"until then")
    assert second.hear() == b"until then"
    for client in (first, second):
        client.bye()
    eventually(lambda: drained(api), "nobody is there any more")
    eventually(lambda: relay.log_lines("drained"), "it says so")
    assert relay.is_running()
    assert api.delete("/api/v1/drain").status == 204
    rooms.assert_pairs_talk(rooms.pair())


def test_the_deadline_sends_away_who_is_left(start_rooms):
    rooms, relay, api = start(start_rooms)
    classic = relay.pair()
    pair = rooms.pair()
    assert api.post("/api/v1/drain", {"deadline_s": 0.2}).json["deadline"]
    for client in classic:
        assert client.clean_end() == b""
    for client in pair:
        while client.read_frame()[0] != Type.ERROR:
            pass
    eventually(lambda: drained(api), "nobody is there any more")
    assert relay.is_running() and relay.get("/healthz")[0] == 200
    assert relay.metric("parley_session_ends_total", protocol="classic", reason="draining") == 1


def test_another_deadline_takes_the_place_of_the_first(start_rooms):
    _, relay, api = start(start_rooms)
    a, b = relay.pair()
    first = api.post("/api/v1/drain", {"deadline_s": 3600}).json
    second = api.post("/api/v1/drain", {"deadline_s": 7200}).json
    assert second["deadline"] > first["deadline"] and second["since"] == first["since"]
    a.say("stays")
    assert b.hear() == "stays"
    assert api.post("/api/v1/drain", {"deadline_s": 0}).status == 202
    assert a.clean_end() == b.clean_end() == b""


def test_a_signal_ends_a_relay_that_drains(start_rooms):
    _, relay, api = start(start_rooms, drain_timeout="none")
    a, b = relay.pair()
    assert api.post("/api/v1/drain", {"deadline_s": None}).status == 202
    relay.signal(signal.SIGTERM)
    eventually(lambda: api.get("/api/v1/status").json["drain"]["for_good"], "for good")
    for answer in (api.post("/api/v1/drain"), api.delete("/api/v1/drain")):
        assert answer.status == 409 and "signal" in answer.detail
    a.say("last words")
    assert b.hear() == "last words"
    a.close()
    b.close()
    assert relay.exit_status(timeout=20) == 0


def test_a_drained_relay_ends_at_once(start_rooms):
    _, relay, api = start(start_rooms, drain_delay="1h")
    assert api.post("/api/v1/drain").status == 202
    relay.signal(signal.SIGTERM)
    relay.signal(signal.SIGTERM)
    assert relay.exit_status(timeout=20) == 0
