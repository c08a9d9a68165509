"""Standard output that takes nothing: full, closed, or read by nobody. It is said, the exit status says it, and
signals still end the program."""

import contextlib
import fcntl
import json
import os
import signal
import struct
import subprocess
import termios

import pytest

from parley_tests import processes
from parley_tests.programs import Program, new_invite
from parley_tests.transfers import file_digest, make_file
from parley_tests.waiting import eventually


@pytest.fixture
def meeting(double, tmp_path):
    """The file of one invite, and a program at its other end: meeting("chat")."""

    class Meeting:
        def __init__(self):
            self.invite = new_invite(double.pin)(double.address)
            self.file = tmp_path / "invite"
            self.file.write_text(self.invite + "\n")
            self.address = double.endpoint
            self.pin = "sha256:" + double.pin

        def program(self, *command):
            return Program(*command, invite=self.invite, directory=tmp_path)

    return Meeting()


def parley(*arguments, **options):
    command = [processes.program("parley"), *map(str, arguments)]
    return processes.start(command, stderr=subprocess.PIPE, text=True, **options)


@pytest.fixture
def full():
    with open("/dev/full", "wb") as file:
        yield file


def test_events_have_no_character_that_steers_a_terminal(meeting, clients):
    """Not even those beyond ASCII, which JSON need not escape: C1, and what turns the direction of text."""
    nasty = "a\u009b31m\u0085\x7f\u202eb \u00fc"
    sender, listener = meeting.program("chat", "--name", "n\u009b"), meeting.program("chat", "--json")
    clients += [sender, listener]
    sender.type(nasty)
    eventually(lambda: b"31m" in listener.output(), listener.output)
    assert listener.output().isascii() and b"\x7f" not in listener.output()
    said = [json.loads(line) for line in listener.output().splitlines()]
    assert [one["text"] for one in said if "31m" in one.get("text", "")] == [nasty]


def test_messages_on_a_full_disk(meeting, clients, full):
    sender = meeting.program("chat")
    clients.append(sender)
    listener = parley("chat", "--invite-file", meeting.file, stdin=subprocess.DEVNULL, stdout=full)
    sender.type("nowhere to be written")
    _, errors = listener.communicate(timeout=60)
    assert listener.returncode == 1
    assert "cannot write to standard output: No space left on device" in errors


def test_a_reader_that_has_had_enough_is_no_failure(meeting, clients):
    sender = meeting.program("chat")
    clients.append(sender)
    ours, theirs = os.pipe()
    listener = parley("chat", "--invite-file", meeting.file, stdin=subprocess.DEVNULL, stdout=theirs)
    os.close(theirs)
    sender.type("enough")
    assert os.read(ours, 100) == b"enough\n"
    os.close(ours)
    with contextlib.suppress(BrokenPipeError):  # the listener, and so the sender, may have left already
        sender.type("more")
    assert listener.wait(60) == 0
    listener.stderr.close()


def test_events_of_a_transfer_on_a_full_disk(meeting, clients, full, tmp_path):
    sender = meeting.program("send", str(make_file(tmp_path / "a.bin", 100_000)))
    clients.append(sender)
    (tmp_path / "in").mkdir()
    receiver = parley("receive", "--into", tmp_path / "in", "--json", "--invite-file", meeting.file, stdout=full)
    _, errors = receiver.communicate(timeout=60)
    assert (receiver.returncode, sender.exit_status()) == (1, 0)
    assert errors == "parley: cannot write to standard output: No space left on device\n"
    assert file_digest(tmp_path / "in" / "a.bin") == file_digest(tmp_path / "a.bin")


def test_what_is_printed_on_a_full_disk(meeting, full):
    for command in (
        ["invite", "--relay", "relay.example"],
        ["completion", "bash"],
        ["check", meeting.address, "--pin", meeting.pin],
        ["check", meeting.address, "--pin", meeting.pin, "--json"],
    ):
        done = parley(*command, stdin=subprocess.DEVNULL, stdout=full)
        _, errors = done.communicate(timeout=60)
        assert (done.returncode, errors) == (
            1,
            "parley: cannot write to standard output: No space left on device\n",
        ), command


@pytest.mark.parametrize("command", ["chat", "pipe"])
def test_a_standard_output_that_is_closed(command, meeting, clients):
    sender = meeting.program(command)
    clients.append(sender)
    closed = ["sh", "-c", 'exec "$@" >&-', "sh", processes.program("parley"), command, "--invite-file", meeting.file]
    listener = processes.start(closed, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    sender.type("nowhere to be written")
    _, errors = listener.communicate(timeout=60)
    assert listener.returncode == 1
    assert "cannot write to standard output: Bad file descriptor" in errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_while_nobody_reads(number, meeting, clients):
    sender = meeting.program("chat", "--linger", "none")
    clients.append(sender)
    ours, theirs = os.pipe()
    listener = parley("chat", "--invite-file", meeting.file, stdin=subprocess.DEVNULL, stdout=theirs)
    os.close(theirs)
    sender.feed(["x" * 1000] * 400)
    eventually(lambda: bytes_held(ours) > 60_000, "the pipe is full")
    listener.send_signal(number)
    assert listener.wait(30) in (-number, 128 + number)
    os.close(ours)
    listener.stderr.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_nobody_reads_what_is_left_to_say(number, meeting, clients):
    """That comes after the signal has been taken: no second one must be needed."""
    sender = meeting.program("chat")
    clients.append(sender)
    ours, theirs = os.pipe()
    listener = parley("chat", "--json", "--invite-file", meeting.file, stdin=subprocess.PIPE, stdout=theirs)
    sender.type("hello")
    heard = b""
    while b"hello" not in heard:
        heard += os.read(ours, 4096)
    os.set_blocking(theirs, False)
    for size in (4096, 1):
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(theirs, bytes(size))
    listener.send_signal(number)
    assert listener.wait(30) in (-number, 128 + number)
    for pipe in (ours, theirs):
        os.close(pipe)
    listener.stdin.close()
    listener.stderr.close()


def bytes_held(pipe):
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0]


