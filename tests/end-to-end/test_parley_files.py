"""Files and folders through a relay: whole, right, gone on with after a kill, and nothing of others touched."""

import os

import pytest

from parley_tests.programs import MortalRelay, new_invite
from parley_tests.transfers import (
    PART, Receiving, Sending, ended, events, file_digest, make_file, make_folder, received_bytes, said, tree_digest,
)  # fmt: skip
from parley_tests.waiting import eventually

LONG = 240  # seconds: a sanitizer's build on a busy machine


class Pair:
    """A sender and a receiver that meet by one invite, each of which can be killed and started again."""

    def __init__(self, relay, directory, clients):
        self._relay, self._directory, self._clients = relay, directory, clients
        self._invite = new_invite(relay.pin)
        self.into = directory / "in"
        self.into.mkdir()

    def _opened(self, program):
        self._clients.append(program)
        return program

    def _meeting(self):
        return {"invite": self._invite(self._relay.address), "directory": self._directory}

    def send(self, *paths):
        self.sender = self._opened(Sending(*paths, **self._meeting()))
        return self.sender

    def receive(self, *arguments):
        self.receiver = self._opened(Receiving(self.into, *arguments, **self._meeting()))
        return self.receiver

    def statuses(self):
        return ended(self.sender, self.receiver, timeout=LONG)

    def received(self, size):
        """Waits until that much is there, of a transfer that goes on."""
        eventually(lambda: received_bytes(self.into) >= size, lambda: said(self.sender, self.receiver), pause=0.001)


@pytest.fixture
def pair(clients, tmp_path, certificate):
    # A killed program's place is free again soon: its successor has no token for it.
    relay = MortalRelay(tmp_path, certificate, resume_grace="1s")
    clients.append(relay)
    return Pair(relay, tmp_path, clients)


def of_kind(program, kind):
    return [event for event in events(program) if event["event"] == kind]


def test_a_folder_and_a_file(pair, tmp_path):
    folder = make_folder(tmp_path / "out" / "photos", 60, (1, 40_000))
    os.chmod(folder / "part 0" / "file-0000.bin", 0o700)
    (folder / "part 0" / "link").symlink_to("/etc/passwd")
    note = make_file(tmp_path / "note.txt", 100)
    pair.send(folder, note)
    pair.receive()
    assert pair.statuses() == [0, 0], said(pair.sender, pair.receiver)
    assert "photos/part 0/link is a link" in pair.sender.errors()
    (folder / "part 0" / "link").unlink()
    assert tree_digest(pair.into / "photos") == tree_digest(folder)
    assert file_digest(pair.into / "note.txt") == file_digest(note)
    end = events(pair.receiver)[-1]
    assert (end["event"], end["status"], end["files_done"], end["files_total"]) == ("ended", 0, 61, 61)
    assert of_kind(pair.receiver, "progress")[-1]["bytes_total"] == end["bytes_done"]
    assert {e["sha256"] for e in of_kind(pair.sender, "done") if e["name"] == "note.txt"} == {file_digest(note)}


def test_either_side_is_killed_and_the_relay_too(pair, tmp_path):
    size = 40_000_000
    source = make_file(tmp_path / "big.bin", size)
    pair.send(source)
    pair.receive()
    pair.received(size // 8)
    pair.receiver.close()
    assert (pair.into / f"big.bin{PART}").exists() and not (pair.into / "big.bin").exists()
    there = received_bytes(pair.into)
    pair.receive()
    pair.received(there + size // 8)
    pair.sender.close()
    there = received_bytes(pair.into)
    pair.send(source)
    pair.received(there + size // 8)
    pair._relay.kill()
    pair._relay.revive()
    assert pair.statuses() == [0, 0], said(pair.sender, pair.receiver)
    assert file_digest(pair.into / "big.bin") == file_digest(source)
    assert os.listdir(pair.into) == ["big.bin"]
    assert of_kind(pair.sender, "started")[0]["offset"] >= there - 10_000_000, "it goes on where it was"
    assert events(pair.sender)[-1]["bytes_moved"] < size


def test_a_folder_goes_on_without_what_is_there(pair, tmp_path):
    folder = make_folder(tmp_path / "many", 120, (1, 60_000))
    pair.send(folder)
    pair.receive()
    pair.received(500_000)
    pair.receiver.close()
    pair.sender.close()
    complete = sum(not name.name.endswith(PART) and name.is_file() for name in pair.into.rglob("*"))
    pair.send(folder)
    pair.receive()
    assert pair.statuses() == [0, 0], said(pair.sender, pair.receiver)
    assert tree_digest(pair.into / "many") == tree_digest(folder)
    assert len([e for e in of_kind(pair.receiver, "present") if "directory" not in e]) >= complete - 3  # the empty ones


@pytest.mark.parametrize("option, left", [(None, ["a.txt"]), ("--rename", ["a (1).txt", "a.txt"])])
def test_what_is_there_is_kept(pair, tmp_path, option, left):
    (pair.into / "a.txt").write_text("mine")
    pair.send(make_file(tmp_path / "a.txt", 1000))
    pair.receive(*[option] * (option is not None))
    assert pair.statuses() == [1 if option is None else 0] * 2
    assert sorted(os.listdir(pair.into)) == left
    assert (pair.into / "a.txt").read_text() == "mine"
    if option is None:
        assert of_kind(pair.sender, "failed")[0]["reason"] == "exists already, and is different"


def test_two_that_send(pair, tmp_path):
    pair.send(make_file(tmp_path / "a", 10))
    first = pair.sender
    pair.send(tmp_path / "a")
    assert 1 in ended(first, pair.sender, timeout=LONG)
    assert "one of you must run parley receive" in said(first, pair.sender)


def test_sentences_for_what_cannot_be(pair, tmp_path):
    def status(program):
        return ended(program, timeout=LONG)[0]

    assert status(pair.send(tmp_path / "none")) == 1
    assert "none does not exist" in pair.sender.errors()
    pair.into = tmp_path / "nowhere"
    assert status(pair.receive()) == 1
    assert "nowhere does not exist; make it first" in pair.receiver.errors()
    assert status(pair.receive("--rename", "--overwrite")) == 2
