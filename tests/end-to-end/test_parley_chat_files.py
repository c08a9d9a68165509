"""`/send` in `parley chat`: nothing without the receiver's word, nothing overwritten, nothing lost with a connection."""

import json
import os

import pytest

from parley_tests.terminal import ChatTerminal, typed
from parley_tests.programs import Program
from parley_tests.transfers import PART, Sending, file_digest, make_file, make_folder, received_bytes, tree_digest
from parley_tests.waiting import eventually


@pytest.fixture
def into(tmp_path):
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


@pytest.fixture
def alice(double, clients):
    a = ChatTerminal(*double.options, "--name", "alice")
    clients.append(a)
    a.met_by = a.invite()
    a.sees("waiting for the other side")
    return a


@pytest.fixture
def two(alice, clients):
    b = ChatTerminal(alice.met_by, "--name", "bob")
    clients.append(b)
    alice.sees("bob is there")
    b.sees("alice is there")
    return alice, b


def test_offered_taken_and_declined(two, tmp_path, into):
    a, b = two
    note = make_file(tmp_path / "my note.txt", 1200)
    folder = make_folder(tmp_path / "out" / "photos", 130, (1, 3000))
    (into / "my note.txt").write_text("bob's own")
    quoted = str(note).replace("\\", "\\\\").replace('"', '\\"')
    a.type(f'/send "{quoted}"\r')
    a.sees('"my note.txt" (1.2 kB) is offered to bob')
    b.sees('alice offers "my note.txt" (1.2 kB): /accept, /accept FOLDER or /decline')
    a.type(f"/send {typed(folder)}\r")
    a.sees("photos/ (130 files")
    a.type("still talking\r")
    b.sees("alice: still talking")
    assert os.listdir(into) == ["my note.txt"]
    b.type(f"/accept {typed(into)}\r")
    b.sees("alice offers photos/ (130 files")  # the next in the queue
    b.sees("my note (1).txt is here")
    a.sees('bob has "my note.txt"')
    assert (into / "my note.txt").read_text() == "bob's own"
    assert file_digest(into / "my note (1).txt") == file_digest(note)
    b.type(f"/accept {typed(into)}\r")
    b.sees_like(r"photos/ \(130 files, [0-9.]+ kB\) is here")
    a.sees("bob has photos/")
    assert tree_digest(into / "photos") == tree_digest(folder)
    b.type(f"/send {typed(note)}\r")
    a.sees('bob offers "my note.txt"')
    a.type("/decline\r")
    b.sees('alice declined "my note.txt"')
    b.type(f"/send {typed(note)} {typed(make_file(tmp_path / 'other', 10))}\r")
    a.sees('bob offers "my note.txt" and 1 more (1.2 kB)')
    a.type("/decline\r")
    b.sees('alice declined "my note.txt" and 1 more')
    a.type("/accept\r")
    a.sees("nothing is offered")
    a.type("/send /no/such/file\r")
    a.sees("nothing is sent: /no/such/file does not exist")


def test_tab_completes_names(two, tmp_path):
    a, b = two
    make_file(tmp_path / "from" / "my report.pdf", 1200)
    make_file(tmp_path / "from" / "my remarks", 10)
    a.type(f"/send {typed(tmp_path)}/fr\tm\t\t")
    a.sees("my remarks  my report.pdf")
    a.type("p\t\r")
    a.sees('"my report.pdf" (1.2 kB) is offered to bob')
    b.type("a\tb\r")
    a.sees("bob: a       b")  # elsewhere it is a tab


def test_a_connection_that_is_cut_in_mid_file(two, double, tmp_path, into):
    a, b = two
    source = make_file(tmp_path / "big.bin", 60_000_000)
    double.command("pace 10000000")
    a.type(f"/send {typed(source)}\r")
    b.sees("alice offers big.bin (60 MB)")
    b.type(f"/accept {typed(into)}\r")
    for part in (5_000_000, 15_000_000):
        ChatTerminal.watched_until(lambda: received_bytes(into) >= part)
        double.command("cut")
    assert not (into / "big.bin").exists()
    a.type("meanwhile\r")
    b.sees("alice: meanwhile")
    a.type("/quit\r")  # waits for the file
    b.sees("big.bin is here")
    assert (a.exit_status(), b.exit_status()) == (0, 0)
    assert "bob has big.bin" in a.seen
    assert file_digest(into / "big.bin") == file_digest(source)
    assert os.listdir(into) == ["big.bin"]


def test_a_file_that_is_cancelled_goes_on_when_it_is_sent_again(two, double, tmp_path, into):
    a, b = two
    source = make_file(tmp_path / "big.bin", 60_000_000)
    double.command("pace 10000000")
    a.type(f"/send {typed(source)}\r")
    b.sees("alice offers big.bin")
    b.type(f"/accept {typed(into)}\r")
    ChatTerminal.watched_until(lambda: received_bytes(into) >= 1_000_000)
    a.type("/cancel\r")
    a.sees("you cancelled big.bin (60 MB)")
    b.sees("alice cancelled big.bin (60 MB)")
    assert os.listdir(into) == ["big.bin" + PART]
    double.command("pace 0")
    a.type(f"/send {typed(source)}\r")
    b.sees("alice offers big.bin")
    b.type(f"/accept {typed(into)}\r")
    b.sees("going on with big.bin after")
    b.sees("big.bin is here")
    assert file_digest(into / "big.bin") == file_digest(source)


def test_a_folder_that_its_receiver_cancels_does_not_go_on(two, tmp_path, into):
    a, b = two
    folder = make_folder(tmp_path / "many", 200, (200_000, 400_000))
    a.type(f"/send {typed(folder)}\r")
    b.sees("alice offers many/ (200 files")
    b.type(f"/accept {typed(into)}\r")
    ChatTerminal.watched_until(lambda: received_bytes(into) >= 1_000_000)
    b.type("/cancel\r")
    b.sees("you cancelled many/ (200 files")
    a.sees("bob cancelled many/ (200 files")
    assert sum(not path.is_dir() for path in into.rglob("*")) < 200
    a.type(f"/send {typed(make_file(tmp_path / 'next', 10))}\r")
    b.sees("alice offers next (10 B)")


def test_a_pipe_takes_files_only_when_told_to(alice, clients, tmp_path, into):
    name = "evil\x1b]0;name.txt"
    source = make_file(tmp_path / name, 5000)
    plain = Program("chat", "--name", "plain", invite=alice.met_by, directory=tmp_path)
    clients.append(plain)
    alice.sees("plain is there")
    alice.type(f"/send {typed(tmp_path)}/evil\x16\x1b]0\\;name.txt\r")  # Ctrl-V takes the next key as it is
    alice.sees_like(r"plain's side says: this chat takes no\s+files")
    eventually(lambda: "--accept-files FOLDER takes files" in plain.errors(), plain.errors)
    assert "\x1b" not in plain.errors() and "\x1b]0" not in alice.seen
    alice.type("/quit\r")
    assert (alice.exit_status(), plain.exit_status()) == (0, 0)
    assert source.exists() and os.listdir(into) == []


def test_parley_send_ends_when_a_chat_leaves_without_an_answer(alice, clients, tmp_path):
    sender = Sending(make_file(tmp_path / "a.txt", 1000), invite=alice.met_by, directory=tmp_path)
    clients.append(sender)
    alice.sees("the other side offers a.txt")
    alice.type("/quit\r")
    assert sender.exit_status() == 1
    assert "the other side has left, and takes no more files" in sender.errors()
    assert alice.exit_status() == 0


def test_events_of_files_as_json(alice, clients, tmp_path, into):
    source = make_file(tmp_path / "data.bin", 5000)
    program = Program("chat", "--json", "--accept-files", str(into), invite=alice.met_by, directory=tmp_path)
    clients.append(program)
    alice.sees("the other side is there")
    alice.type(f"/send {typed(source)}\r")
    alice.sees("the other side has data.bin")
    alice.type("/quit\r")
    assert (alice.exit_status(), program.exit_status()) == (0, 0)
    events = {event["event"]: event for event in map(json.loads, program.output().decode().splitlines())}
    assert events["offered"] == events["offered"] | {"name": "data.bin", "files": 1, "bytes": 5000}
    assert events["done"] == events["done"] | {"name": "data.bin", "incoming": True, "sha256": file_digest(source)}
    assert file_digest(into / "data.bin") == file_digest(source)
