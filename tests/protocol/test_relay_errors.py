"""Every other ERROR that a client can meet, with its code."""

import hashlib
import re
import time
from pathlib import Path

import pytest

from parley_tests.frames import Type, frame
from parley_tests.relay_client import Ended
from parley_tests.waiting import PATIENCE, eventually


def test_nobody_came(start_rooms):
    rooms = start_rooms(wait_timeout="3s")
    client = rooms.enter()
    assert client.wait()["expires_s"] == 3
    assert client.error() == "waited-too-long"
    rooms.assert_pairs_talk(rooms.pair(client.room))


def test_no_hello_in_time(start_rooms):
    rooms = start_rooms(handshake_timeout="3s")
    silent, slow = rooms.connect(), rooms.connect()
    slow.send_raw(frame(Type.HELLO, {"room": "x"})[:-1])
    assert silent.error() == slow.error() == "too-slow"
    rooms.assert_pairs_talk()


def test_idle(start_rooms):
    rooms = start_rooms(idle_timeout="1s")
    first, second = rooms.pair()
    assert first.error() == second.error() == "idle"


def test_a_ping_is_not_idle(start_rooms):
    """One of the two is enough."""
    rooms = start_rooms(idle_timeout="4s")
    first, second = rooms.pair()
    started = time.monotonic()
    while time.monotonic() - started < 6:
        first.ping()
    rooms.assert_pairs_talk((first, second))
    assert second.error() == "idle"


def test_who_does_not_read(start_rooms):
    rooms = start_rooms(write_timeout="8s")
    first, second = rooms.pair()
    neighbours = rooms.pair()

    first.sock.settimeout(2)
    with pytest.raises(TimeoutError):  # as soon as all buffers are full
        while True:
            first.say(bytes(16380))
    rooms.assert_pairs_talk(neighbours)
    first.sock.settimeout(PATIENCE)
    assert first.peer_left()["reason"] == "lost"
    messages = 0
    with pytest.raises(Ended):  # after ERROR `too-slow`, if there was room for it
        while (frame_read := second.read_frame())[0] == Type.DATA:
            messages += 1
        assert frame_read[1]["code"] == "too-slow"
        second.read_frame()
    assert messages > 0
    rooms.assert_pairs_talk(neighbours)


def test_access(start_rooms, tmp_path):
    listed = tmp_path / "access"
    listed.write_text("# who may\n%s alice\n" % hashlib.sha256(b"correct-horse").hexdigest())
    rooms = start_rooms(access="token", access_file=listed)
    assert rooms.refused() == "unauthorized"
    assert rooms.refused(access="battery-staple") == "unauthorized"
    rooms.assert_pairs_talk(rooms.pair(access="correct-horse"))


def test_an_open_relay_ignores_access(parleyd_rooms):
    parleyd_rooms.assert_pairs_talk(parleyd_rooms.pair(access="whatever"))


def test_an_operator_ends_the_session(start_rooms):
    rooms = start_rooms()
    pair, neighbours = rooms.pair(), rooms.pair()
    sessions = rooms.relay.json("/api/v1/sessions")["sessions"]
    (ended,) = [one["id"] for one in sessions if one["name"] == pair[0].paired["session"]]
    assert rooms.relay.get(f"/api/v1/sessions/{ended}", method="DELETE")[0] == 204
    assert [client.error() for client in pair] == ["ended-by-operator"] * 2
    assert rooms.back(pair[0]).error() == "bad-resume"
    rooms.assert_pairs_talk(neighbours)


def test_a_draining_relay(start_rooms):
    rooms = start_rooms(drain_timeout="60s", shards=1)  # of several, one hears of it a little later
    first, second = rooms.pair()
    late = rooms.connect()
    late.ping()  # or the relay may not know yet that it speaks relay/1
    rooms.relay.signal(15)
    first.expect(Type.GOAWAY)
    late.hello(rooms.new_room())
    refusal = late.expect(Type.ERROR)
    assert refusal["code"] == "draining" and refusal["retry_after_s"] >= 0
    first.bye()
    second.close()


def refused_for_now(rooms):
    """The code with which a HELLO for a new room is refused; what to do is to try again."""
    client = rooms.enter()
    refusal = client.expect(Type.ERROR)
    assert refusal["message"] and refusal["retry_after_s"] >= 1
    client.ended()
    return refusal["code"]


def ends(rooms, reason):
    return rooms.relay.metric("parley_leg_ends_total", protocol="relay", reason=reason)


def test_too_many_rooms_of_one_address(start_rooms):
    rooms = start_rooms(max_rooms_per_address="2", log_level="debug")
    talking, waiting = rooms.pair(), rooms.wait()
    assert refused_for_now(rooms) == "rate-limited"
    eventually(lambda: ends(rooms, "rate-limited") == 1, "the refusal is counted")
    eventually(lambda: rooms.relay.log_lines("leg ended", "rate-limited"), "it is logged")
    partner = rooms.enter(waiting.room)  # no new room
    assert (waiting.pair()["role"], partner.pair()["role"]) == ("first", "second")
    rooms.assert_pairs_talk(talking)

    for client in talking:  # the room is kept for them, and counts
        client.lose()
    assert refused_for_now(rooms) == "rate-limited"
    waiting.bye()
    eventually(lambda: rooms.relay.metric("parley_sessions", protocol="relay", state="active") == 0, "a room is free")
    rooms.assert_pairs_talk()


def test_a_relay_whose_rooms_are_all_in_use(start_rooms):
    """Rooms that are kept for lost clients count, though nobody is connected."""
    rooms = start_rooms(max_connections="2")
    for number in (1, 2):
        first, second = rooms.pair()
        first.lose()
        second.lose()
        eventually(lambda: rooms.relay.metric("parley_connections", protocol="relay") == 0, "both are lost")
        assert rooms.relay.metric("parley_sessions", protocol="relay", state="held") == number
    assert refused_for_now(rooms) == "overloaded"
    eventually(lambda: ends(rooms, "overloaded") == 1, "the refusal is counted")
    rooms.back(first).wait()  # its room is there already


def test_every_code_is_provoked():
    """By a test in one of these files, as far as their text shows."""
    here = Path(__file__)
    document = (here.parents[2] / "docs/relay-protocol.md").read_text().partition("## Error codes")[2].partition("##")[0]
    codes = re.findall(r"^\| `([a-z-]+)` \|", document, re.MULTILINE)
    assert len(codes) == 13
    tests = "".join(path.read_text() for path in here.parent.glob("test_relay_*.py"))
    assert [code for code in codes if f'"{code}"' not in tests] == []
