"""parleyd's tokens over time and over its restarts: with --token-key-file its sessions outlive it."""

import os
import secrets
import shutil
import stat
import time

import pytest

from parley_tests.frames import Type
from parley_tests.ports import lasting_port
from parley_tests.tokens import fields_of, token
from parley_tests.waiting import eventually


class Keys:
    """A --token-key-file, newest key first."""

    def __init__(self, path):
        self.path = path
        self.keys = []
        self.add()

    def add(self):
        self.keys.insert(0, secrets.token_bytes(32))
        self.write()

    def write(self):
        self.path.touch(mode=0o600)
        self.path.write_text("".join(key.hex() + "\n" for key in self.keys))


@pytest.fixture
def keys(tmp_path):
    return Keys(tmp_path / "token-keys")


@pytest.fixture
def start_rooms(start_rooms):
    """At an address that is still free when the relay is started anew."""
    return lambda **options: start_rooms(**{"relay_listen": f"127.0.0.1:{lasting_port()}"} | options)


def started_anew(start_rooms, rooms, **options):
    """kill -9, and another relay at the same address."""
    rooms.relay.kill()
    return start_rooms(relay_listen="%s:%d" % rooms.address, **options)


@pytest.fixture
def folder(tmp_path, certificate):
    """A --self-signed folder of the certificate by which the relays of tests are known."""
    folder = tmp_path / "own"
    folder.mkdir()
    shutil.copy(certificate.certificate, folder / "cert.pem")
    shutil.copy(certificate.key, folder / "key.pem")
    (folder / "key.pem").chmod(0o600)
    return folder


def test_a_self_signed_relay_keeps_a_key_for_tokens(start_rooms, folder):
    own = {"cert": None, "key": None, "self_signed": folder}
    rooms = start_rooms(**own)
    assert stat.S_IMODE((folder / "token-key").stat().st_mode) == 0o600
    first, second = rooms.pair()
    rooms = started_anew(start_rooms, rooms, **own)
    again = rooms.back(second)
    again.wait()
    other = rooms.back(first)
    assert again.pair()["session"] == other.pair()["session"] == first.paired["session"]
    rooms.assert_pairs_talk((other, again))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_self_signed_relay_that_can_keep_no_key_says_so(start_rooms, folder):
    folder.chmod(0o500)
    rooms = start_rooms(cert=None, key=None, self_signed=folder)
    assert rooms.relay.log_lines("will not find their places", "Permission denied")
    rooms.assert_pairs_talk()
    assert not (folder / "token-key").exists()


def test_a_session_outlives_the_relay(start_rooms, keys):
    rooms = start_rooms(token_key_file=keys.path)
    first, second = rooms.pair()
    waiting = rooms.wait()
    rooms = started_anew(start_rooms, rooms, token_key_file=keys.path)
    again = rooms.back(second)
    again.wait()
    assert rooms.refused(first.room) == "room-held"
    other = rooms.back(first)
    assert again.pair()["session"] == other.pair()["session"] == first.paired["session"]
    assert (other.paired["role"], again.paired["role"]) == ("first", "second")
    rooms.assert_pairs_talk((other, again))
    rooms.back(waiting).wait()


def test_a_key_made_for_one_run_ends_with_it(start_rooms):
    rooms = start_rooms()
    first, _ = rooms.pair()
    rooms = started_anew(start_rooms, rooms)
    assert rooms.refused(first.room, resume=first.newest) == "bad-resume"
    rooms.assert_pairs_talk(rooms.pair(first.room))


def test_a_key_made_for_one_run_is_kept_by_a_reload(start_rooms):
    rooms = start_rooms()
    first, second = rooms.pair()
    reload(rooms)
    second.lose()
    first.peer_left()
    again = rooms.back(second)
    again.pair(), first.pair()
    rooms.assert_pairs_talk((first, again))


def test_keys_change_with_a_reload(start_rooms, keys):
    rooms = start_rooms(token_key_file=keys.path)
    first, second = rooms.pair()
    keys.add()
    reload(rooms)
    second.lose()
    first.peer_left()
    again = rooms.back(second)  # by the older key, which is still there
    again.pair(), first.pair()
    keys.keys.pop()
    keys.write()
    reload(rooms)
    assert rooms.refused(first.room, resume=second.newest) == "bad-resume"
    again.lose()
    first.peer_left()
    newest = rooms.back(again)  # that token was made with the newer key
    newest.pair(), first.pair()
    rooms.assert_pairs_talk((first, newest))
    first.lose()
    newest.peer_left()
    back = rooms.back(first)  # connected before the newer key was there, and given tokens made with it since
    back.pair(), newest.pair()
    rooms.assert_pairs_talk((back, newest))


def reload(rooms):
    before = len(rooms.relay.log_lines("reload"))
    rooms.relay.signal(1)
    eventually(lambda: len(rooms.relay.log_lines("reload")) > before, "the relay has read its files again")


def test_tokens_made_by_the_document(start_rooms, keys):
    rooms = start_rooms(token_key_file=keys.path)
    session, room = secrets.token_bytes(16), rooms.new_room()
    soon = int(time.time()) + 60

    def made(place, expires=soon, key=keys.keys[0], **more):
        return token(key, room, session, place, expires, **more)

    for bad in (
        made("first", expires=int(time.time()) - 1),
        made("first", expires=0),
        made("first", key=secrets.token_bytes(32)),
        made("first", version=2),
        token(keys.keys[0], room + "x", session, "first", soon),
    ):
        assert rooms.refused(room, resume=bad) == "bad-resume"
    first = rooms.enter(room, resume=made("first"))
    first.wait()
    second = rooms.enter(room, resume=made("second"))
    grace = first.pair()["grace_s"]
    assert second.pair() | {"resume": ""} == {
        "session": session.hex(),
        "role": "second",
        "resume": "",
        "resumed": True,
        "grace_s": grace,
    }
    rooms.assert_pairs_talk((first, second))
    assert fields_of(first.newest)[:2] == (session, "first")


def test_a_grace_that_passes(start_rooms):
    rooms = start_rooms(resume_grace="1s")
    first, second = rooms.pair()
    assert first.paired["grace_s"] == 1
    second.lose()
    assert first.peer_left() == {"reason": "lost", "grace_s": 1}
    assert first.peer_left() == {"reason": "closed", "grace_s": 0}
    first.ended()
    assert rooms.refused(first.room, resume=second.newest) == "bad-resume"
    rooms.assert_pairs_talk(rooms.pair(first.room))


def test_no_grace(start_rooms):
    rooms = start_rooms(resume_grace="0")
    first, second = rooms.pair()
    assert first.paired["grace_s"] == 0
    second.lose()
    assert first.peer_left() == {"reason": "closed", "grace_s": 0}
    first.ended()
    rooms.assert_pairs_talk(rooms.pair(first.room))


def test_a_drain_spreads_the_returns(start_rooms):
    rooms = start_rooms(drain_timeout="60s")
    clients = [client for _ in range(10) for client in rooms.pair()]
    rooms.relay.signal(15)
    times = [client.expect(Type.GOAWAY)["reconnect_after_ms"] for client in clients]
    assert min(times) >= 0
    assert len(set(times)) > len(times) // 2


def test_a_drain_says_when_to_come_back(start_rooms, keys):
    rooms = start_rooms(token_key_file=keys.path, drain_timeout="60s")
    first, second = rooms.pair()
    rooms.relay.signal(15)
    for client in (first, second):
        goaway = client.expect(Type.GOAWAY)
        assert goaway["reason"] == "draining" and goaway["reconnect_after_ms"] >= 0
    rooms.assert_pairs_talk((first, second))  # as before, until somebody closes
    first.lose()
    second.lose()
    assert rooms.relay.exit_status() == 0
    rooms = start_rooms(relay_listen="%s:%d" % rooms.address, token_key_file=keys.path)
    again = rooms.back(first)
    again.wait()
    other = rooms.back(second)
    again.pair(), other.pair()
    rooms.assert_pairs_talk((again, other))
