"""Files and folders through a relay: whole, right, gone on with after a kill, and nothing of others touched."""

import os
import re
import shlex
import signal
import subprocess

import pytest

from parley_tests import processes
from parley_tests.programs import MortalRelay, Program, new_invite
from parley_tests.terminal import Terminal
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

    def send(self, *paths, **options):
        self.sender = self._opened(Sending(*paths, **self._meeting(), **options))
        return self.sender

    def receive(self, *arguments, **options):
        self.receiver = self._opened(Receiving(self.into, *arguments, **self._meeting(), **options))
        return self.receiver

    def statuses(self):
        return ended(self.sender, self.receiver, timeout=LONG)

    def received(self, size):
        """Waits until that much is there, of a transfer that goes on."""
        eventually(lambda: received_bytes(self.into) >= size, lambda: said(self.sender, self.receiver), pause=0.001)


@pytest.fixture
def pair(clients, tmp_path, certificate):
    # So slow that what is killed when some of it is there is killed long before all is; a second's bytes come at once.
    relay = MortalRelay(tmp_path, certificate, byte_rate_per_connection="4M")
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
    assert [e["name"] for e in of_kind(pair.sender, "skipped")] == ["photos/part 0/link"]
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


def test_both_sides_compare_what_is_there(pair, tmp_path):
    there = 63_000_000
    source = make_file(tmp_path / "big.bin", there + 1_000_000)
    (pair.into / f"big.bin{PART}").write_bytes(source.read_bytes()[:there])
    pair.send(source)
    pair.receive()
    assert pair.statuses() == [0, 0], said(pair.sender, pair.receiver)
    for program in (pair.sender, pair.receiver):
        assert of_kind(program, "started")[0]["offset"] == there
        end = events(program)[-1]
        assert (end["bytes_compared"], end["bytes_moved"]) == (there, 1_000_000)
    assert file_digest(pair.into / "big.bin") == file_digest(source)


def test_a_folder_goes_on_without_what_is_there(pair, tmp_path):
    folder = make_folder(tmp_path / "many", 120, (1, 300_000))
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


def test_a_file_that_cannot_be_sent_is_told_and_counts(pair, tmp_path):
    first, second = make_file(tmp_path / "a" / "same.txt", 10), make_file(tmp_path / "b" / "same.txt", 20)
    pair.send(first, second)
    pair.receive()
    assert pair.statuses() == [1, 1], said(pair.sender, pair.receiver)
    for program, by in ((pair.sender, "other"), (pair.receiver, "self")):
        failed = of_kind(program, "failed")
        assert [(e["name"], e["size"], e["by"]) for e in failed] == [("same.txt", 20, by)]
        assert events(program)[-1]["files_failed"] == 1
    pair.send(first, first)
    pair.receive()
    assert pair.statuses() == [0, 0], said(pair.sender, pair.receiver)


def test_a_file_that_goes_before_its_turn_is_told_at_both_ends(pair, tmp_path):
    folder = make_folder(tmp_path / "out", 80, (10, 100))
    pair.send(folder)
    eventually(lambda: of_kind(pair.sender, "status"), pair.sender.errors)  # it has opened the first 64
    os.unlink(folder / "part 1" / "file-0079.bin")
    pair.receive()
    assert pair.statuses() == [1, 1], said(pair.sender, pair.receiver)
    for program, by in ((pair.sender, "self"), (pair.receiver, "other")):
        failed = of_kind(program, "failed")
        assert [(e["name"], e["by"]) for e in failed] == [("out/part 1/file-0079.bin", by)]
        assert failed[0]["reason"] == "cannot be read: no such file or directory"


def test_files_of_more_folders_than_may_be_open_by_default(pair, tmp_path):
    files = [make_file(tmp_path / f"{i}" / f"{i}.txt", 10) for i in range(1100)]
    pair.send(*files, launcher=["prlimit", "--nofile=1024:4096"])
    pair.receive()
    assert pair.statuses() == [0, 0], said(pair.sender, pair.receiver)
    assert len(os.listdir(pair.into)) == len(files)


def test_files_that_were_announced_and_do_not_come(pair, tmp_path):
    gone = make_file(tmp_path / "gone", 100)
    (pair.into / "gone").write_bytes(bytes(100))  # of its size: its digest is asked for, and cannot be had
    pair.send(make_folder(tmp_path / "out", 80, (10, 100)), gone)
    eventually(lambda: of_kind(pair.sender, "status"), pair.sender.errors)
    os.unlink(gone)
    pair.receive()
    assert pair.statuses() == [1, 1], said(pair.sender, pair.receiver)
    for program, by in ((pair.sender, "self"), (pair.receiver, "other")):
        assert [(e["name"], e["by"]) for e in of_kind(program, "failed")] == [("gone", by)]


def test_what_is_left_out_is_told_at_both_ends(pair, tmp_path):
    folder = make_folder(tmp_path / "out", 2, (10, 100))
    deep = folder.joinpath(*["d"] * 32)
    deep.mkdir(parents=True)
    make_file(deep / "leaf", 10)
    os.symlink("leaf", folder / "link")
    os.mkfifo(folder / "pipe")
    make_file(folder / "part 0" / ".env", 10)
    hidden = make_file(tmp_path / ".env", 10)
    pair.send(folder, hidden)
    pair.receive()
    assert pair.statuses() == [1, 1], said(pair.sender, pair.receiver)
    assert sorted(e["name"] for e in of_kind(pair.sender, "skipped")) == ["out/link", "out/pipe"]
    for program, by, here, there in ((pair.sender, "self", ".env", "_env"), (pair.receiver, "other", "_env", ".env")):
        assert [(e["reason"], e["by"]) for e in of_kind(program, "failed")] == [("has too long a name", by)]
        ended = events(program)[-1]
        assert (ended["files_failed"], ended["folders_failed"], ended["left_out"]) == (0, 1, 2)
        assert [(e["name"], e["other_name"]) for e in of_kind(program, "done") if "other_name" in e] == [(here, there)]


def test_few_descriptors_mean_later(pair, tmp_path):
    folder = make_folder(tmp_path / "out", 300, (10, 100))
    pair.send(folder, launcher=["prlimit", "--nofile=64:64"])
    pair.receive(launcher=["prlimit", "--nofile=64:64"])
    assert pair.statuses() == [0, 0], said(pair.sender, pair.receiver)
    assert tree_digest(pair.into / "out") == tree_digest(folder)


def test_links_alone_are_no_failure(pair, tmp_path):
    folder = make_folder(tmp_path / "out", 2, (10, 100))
    os.symlink("nowhere", folder / "link")
    pair.send(folder)
    pair.receive()
    assert pair.statuses() == [0, 0], said(pair.sender, pair.receiver)
    assert [events(program)[-1]["left_out"] for program in (pair.sender, pair.receiver)] == [1, 1]


def test_who_interrupts_it_is_told_how_to_go_on(pair, tmp_path):
    source = make_file(tmp_path / "big.bin", 400_000_000)
    pair.send(source)
    pair.receive()
    pair.received(1_000_000)
    pair.sender.signal(signal.SIGINT)
    assert pair.statuses() == [130, 1], said(pair.sender, pair.receiver)
    assert "interrupted; what has come is kept: start both again to go on" in pair.sender.errors()
    assert "the other side is gone before everything was here: start both again to go on" in pair.receiver.errors()


def test_who_made_the_invite_goes_on_with_it(double, clients, tmp_path):
    source = make_file(tmp_path / "big.bin", 400_000_000)
    (tmp_path / "in").mkdir()
    at = double.options
    sender = Terminal("send", str(source), *at)
    clients.append(sender)
    invite = sender.sees_like(r"parley receive '(parley://[^']+)'").group(1)
    receiver = Terminal("receive", "--yes", "--into", str(tmp_path / "in"), invite)
    clients.append(receiver)
    sender.sees_like(r"[1-9]\d?%")
    sender.type("\x03")
    again = sender.sees_like(r"what has come is kept: start both again to go on, this one by: (.*)\r\n").group(1)
    assert shlex.split(again) == ["parley", "send", str(source), *at, invite], "as a shell takes it"
    assert sender.exit_status() == 130


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
    assert [(e["event"], e["status"]) for e in events(pair.sender)] == [("ended", 1)]
    pair.into = tmp_path / "nowhere"
    assert status(pair.receive()) == 1
    assert "nowhere does not exist; make it first" in pair.receiver.errors()
    assert events(pair.receiver)[-1]["event"] == "ended"
    assert status(pair.receive("--rename", "--overwrite")) == 2


def test_while_the_relay_is_away_there_is_one_line(double, clients, tmp_path):
    source = make_file(tmp_path / "a.txt", 100)
    (tmp_path / "in").mkdir()
    meeting = {"invite": new_invite(double.pin)(double.address), "directory": tmp_path}
    receiver = Receiving(tmp_path / "in", **meeting)
    clients.append(receiver)
    double.command("refuse-all overloaded 1")
    sender = Terminal("send", str(source), "--invite-file", str(receiver.invite_file))
    clients.append(sender)
    for attempt in range(3):
        sender.sees("connecting again")
    double.command("admit")
    assert (sender.exit_status(), receiver.exit_status()) == (0, 0)
    shown = [row for row in sender.seen.replace("\r\n", "\n").split("\n") if "connecting again" in row]
    assert len(shown) == 1


def test_a_question_stays_on_the_last_line(double, clients, tmp_path):
    meeting = {"invite": new_invite(double.pin)(double.address), "directory": tmp_path}
    source, there = make_file(tmp_path / "a.txt", 100), make_file(tmp_path / "in" / "a.txt", 50)
    sender = Sending(source, **meeting)
    clients.append(sender)
    receiver = Terminal("receive", "--yes", "--into", str(there.parent), "--invite-file", str(sender.invite_file))
    clients.append(receiver)
    question = r'"skip all" and so on: all such\. $'
    receiver.sees_like(question)
    double.command("refuse-all overloaded 1")
    double.command("cut")
    before = receiver.sees_like(question).string
    assert "\r\nparley: " in before and "connecting again" in before
    double.command("admit")
    receiver.sees("connected with the other side")
    receiver.sees_like(question)
    receiver.type("maybe\r")
    receiver.sees_like(question)
    receiver.type("Overwrite\r")
    assert (receiver.exit_status(), sender.exit_status()) == (0, 0)
    assert file_digest(there) == file_digest(source)


def test_a_capital_letter_is_not_an_answer_for_all(double, clients, tmp_path):
    meeting = {"invite": new_invite(double.pin)(double.address), "directory": tmp_path}
    for number in range(4):
        make_file(tmp_path / "out" / f"{number}", 100)
        make_file(tmp_path / "in" / "out" / f"{number}", 50)
    sender = Sending(tmp_path / "out", **meeting)
    clients.append(sender)
    receiver = Terminal("receive", "--yes", "--into", str(tmp_path / "in"), "--invite-file", str(sender.invite_file))
    clients.append(receiver)
    for answer in ("S", "OVERWRITE", "Rename all"):
        receiver.sees("and so on: all such. ")
        receiver.type(answer + "\r")
    receiver.exit_status()
    assert "all such" not in receiver.seen.rpartition("Rename all")[2]
    names = sorted(path.name for path in (tmp_path / "in" / "out").iterdir())
    assert len([name for name in names if "(1)" in name]) == 2 and len(names) == 6
    sizes = sorted((tmp_path / "in" / "out" / str(number)).stat().st_size for number in range(4))
    assert sizes == [50, 50, 50, 100], "one is overwritten, one is skipped, two are beside theirs"


def test_the_receiver_is_asked_and_both_see_what_it_is_about(double, clients, tmp_path):
    folder = make_folder(tmp_path / "photos", 3, (1000, 1000))
    os.symlink("nowhere", folder / "link")
    note = make_file(tmp_path / ".note", 100)
    into = tmp_path / "in"
    into.mkdir()
    for answer, here in (("no", []), ("", ["_note", "photos"]), ("keep", [".note"])):
        sent = [note] if answer == "keep" else [folder, note]
        sender = Terminal("send", *map(str, sent), "--name", "alice", *double.options, env={"NO_COLOR": "1"})
        clients.append(sender)
        invite = sender.sees_like(r"parley receive '([^']+)'").group(1)
        if len(sent) == 2:
            before = sender.seen.partition("parley receive '")[0]
            assert "this is to be sent: 4 files, 3.1 kB:" in before and ".note (100 B)" in before
        receiver = Terminal("receive", "--into", str(into), invite)
        clients.append(receiver)
        amount = r"photos/ and 1 more \(4 files, 3.1 kB\)" if len(sent) == 2 else r"_note \(100 B\)"
        receiver.sees_like(rf"alice sends {amount}, to go into {re.escape(str(into))}")
        receiver.sees_like(r"Take it\? \[Y/n(/keep)?\] $")
        assert sorted(os.listdir(into)) == (["_note", "photos"] if answer == "keep" else []), "nothing before the answer"
        receiver.type("maybe\r")
        receiver.sees_like(r"Take it\? \[Y/n(/keep)?\] $")
        receiver.type(answer + "\r")
        status = 1 if answer == "no" else 0
        assert (receiver.exit_status(), sender.exit_status()) == (status, status)
        assert sorted(os.listdir(into)) == sorted({*here, *(["_note", "photos"] if answer == "keep" else [])})
        if answer == "no":
            assert "the other side declined it" in sender.seen and "you did not want what was offered" in receiver.seen
        else:
            assert f"into {into}" in receiver.seen.rpartition("received ")[2]


def test_what_is_to_come_is_told_to_programs(pair, tmp_path):
    folder = make_folder(tmp_path / "out", 2, (10, 10))
    os.symlink("nowhere", folder / "link")
    pair.send(folder)
    pair.receive()
    assert pair.statuses() == [0, 0], said(pair.sender, pair.receiver)
    told = {"event": "offered", "name": "out", "directory": True, "files": 2, "bytes": 20, "left_out": 1}
    for program in (pair.sender, pair.receiver):
        offered = [{k: v for k, v in e.items() if k not in ("v", "time")} for e in of_kind(program, "offered")]
        assert offered == [told]
    assert [e["event"] for e in events(pair.sender)][1] == "offered", "before anything is connected"


def test_a_text_and_what_a_program_writes(double, clients, tmp_path):
    invite = new_invite(double.pin)(double.address)
    for arguments, data, name in (
        (["--text", "see you at 8"], b"", "text.txt"),
        (["--text", "-", "--as", "dash"], b"", "dash"),
        (["-", "--as", "db.sql"], os.urandom(300_000), "db.sql"),
    ):
        into = tmp_path / name
        into.mkdir()
        receiver = Receiving(into, invite=invite, directory=tmp_path)
        clients.append(receiver)
        command = [processes.program("parley"), "send", *arguments, "--invite-file", str(receiver.invite_file)]
        sender = subprocess.run(command, input=data, capture_output=True, timeout=LONG)
        assert (sender.returncode, ended(receiver, timeout=LONG)) == (0, [0]), sender.stderr
        assert (into / name).read_bytes() == (data or arguments[1].encode())
    for wrong in (["--as", "x", __file__], ["--text", "words", "--as", "a/b"], []):
        assert subprocess.run([processes.program("parley"), "send", *wrong], capture_output=True).returncode != 0


def test_who_comes_back_is_not_asked_about_again(pair, clients, tmp_path):
    source = make_file(tmp_path / "big.bin", 40_000_000)
    pair.send(source)
    receiver = Terminal("receive", "--into", str(pair.into), "--invite-file", str(pair.sender.invite_file))
    clients.append(receiver)
    receiver.sees("Take it?")
    receiver.type("\r")
    pair.received(5_000_000)
    pair.sender.close()
    pair.send(source)
    assert (receiver.exit_status(), ended(pair.sender, timeout=LONG)) == (0, [0]), receiver.seen
    assert receiver.seen.count("Take it?") == 1
    assert file_digest(pair.into / "big.bin") == file_digest(source)


def test_where_nobody_can_be_asked_it_is_said_and_taken(pair, tmp_path):
    pair.send(make_file(tmp_path / "a.txt", 100))
    meeting = {"invite": pair.sender.invite_file.read_text().strip(), "directory": tmp_path}
    receiver = pair._opened(Program("receive", "--into", str(pair.into), **meeting))
    assert ended(pair.sender, receiver, timeout=LONG) == [0, 0]
    assert f"sends a.txt (100 B), to go into {pair.into}" in receiver.errors()
    assert f"into {pair.into}" in receiver.errors().rpartition("received a.txt")[2]
