"""Every frame that a client may not send: ERROR `bad-frame`, then a close, and nobody else notices. The cases are those
of tests/vectors/relay.json, which other implementations may use too."""

import json
from pathlib import Path

import pytest

from parley_tests.frames import Type, frame

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "relay.json").read_text())
REFUSED = {one["name"]: bytes.fromhex(one["hex"]) for one in VECTORS["refused_frames"] if one["from"] == "client"}
SENT_BY_CLIENTS = {
    "HELLO": frame(Type.HELLO, {"room": "another"}),
    "DATA": frame(Type.DATA, b"early"),
    "READY": frame(Type.READY),
    "BYE": frame(Type.BYE),
}


def in_state(rooms, state):
    """A client that is so far, and its partner."""
    if state == "opening":
        return rooms.connect(), None
    return (rooms.wait(), None) if state == "waiting" else rooms.pair()


def refused(rooms, state, data):
    client, partner = in_state(rooms, state)
    client.send_raw(data)
    assert client.error() == "bad-frame"
    if partner:
        assert partner.peer_left()["reason"] == "lost"


@pytest.mark.parametrize("name", REFUSED)
def test_bad_frames(rooms, name):
    neighbours = rooms.pair()
    for state in ("opening", "waiting", "paired"):
        refused(rooms, state, REFUSED[name])
    rooms.assert_pairs_talk(neighbours)


@pytest.mark.parametrize("state", ["opening", "waiting", "paired"])
def test_frames_at_the_wrong_time(rooms, state):
    neighbours = rooms.pair()
    for name, data in SENT_BY_CLIENTS.items():
        if name not in VECTORS["order"]["client"][state]:
            refused(rooms, state, data)
    rooms.assert_pairs_talk(neighbours)


def test_what_came_before_a_bad_frame_is_delivered(rooms):
    first, second = rooms.pair()
    first.send_raw(frame(Type.DATA, b"good") + frame(Type.WAITING, {}) + frame(Type.DATA, b"behind"))
    assert second.hear() == b"good"
    assert second.peer_left()["reason"] == "lost"


def test_a_frame_that_is_cut_off(rooms):
    """The end of the connection in the middle of a frame: what there is of it goes nowhere."""
    first, second = rooms.pair()
    first.send_raw(frame(Type.DATA, b"whole") + frame(Type.DATA, b"never whole")[:-1])
    first.lose()
    assert second.hear() == b"whole"
    assert second.peer_left()["reason"] == "lost"


@pytest.mark.parametrize("case", VECTORS["hello"]["accepted"], ids=lambda case: case["name"])
def test_every_form_of_hello(parleyd_rooms, case):
    client = parleyd_rooms.connect()
    client.send(Type.HELLO, bytes.fromhex(case["payload"]))
    if "resume" in case["means"]:  # well said, but of another relay
        assert client.error() == "bad-resume"
        return
    client.wait()
    client.send(Type.BYE)
    client.ended()


def test_every_bad_hello(parleyd_rooms):
    for case in VECTORS["hello"]["refused"]:
        client = parleyd_rooms.connect()
        client.send(Type.HELLO, bytes.fromhex(case["payload"]))
        assert client.error() == "bad-hello", case["name"]
    parleyd_rooms.assert_pairs_talk()


@pytest.mark.parametrize("hello", [{}, [], {"room": ""}, {"room": "a b"}, {"room": 1}, {"room": "a", "client": "x\n"}])
def test_bad_hellos(rooms, hello):
    client = rooms.connect()
    client.send(Type.HELLO, hello)
    assert client.error() == "bad-hello"
