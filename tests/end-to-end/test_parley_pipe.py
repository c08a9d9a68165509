"""`parley pipe`: any bytes, both ways, to the end. What happens to its connections is in test_lost_connections.py."""

import fcntl
import os
import random
import signal
import socket
import sys
import termios

import pytest

from parley_tests import memory, processes
from parley_tests.programs import Program, new_invite
from parley_tests.terminal import Terminal
from parley_tests.waiting import eventually


@pytest.fixture
def pipes(double, clients, tmp_path):
    """Two `parley pipe` with the same invite; stdin as for Program."""

    def start(*stdin, arguments=()):
        invite = new_invite(double.pin)(double.address)
        programs = []
        for one in stdin or (None, None):
            programs.append(Program("pipe", *arguments, invite=invite, directory=tmp_path, stdin=one))
            clients.append(programs[-1])
        return programs

    return start


def test_any_bytes_both_ways(pipes, tmp_path, clients):
    blobs = [bytes(range(256)) * 2000 + b"\0", random.Random(1).randbytes(1_000_003)]
    files = []
    for number, blob in enumerate(blobs):
        (tmp_path / str(number)).write_bytes(blob)
        files.append(open(tmp_path / str(number), "rb"))
        clients.append(files[-1])
    a, b = pipes(*files)
    assert (a.exit_status(), b.exit_status()) == (0, 0), a.errors() + b.errors()
    assert (a.output(), b.output()) == (blobs[1], blobs[0])


def test_one_direction_ends_before_the_other(double, pipes, clients, tmp_path):
    invite = new_invite(double.pin)(double.address)
    (tmp_path / "invite").write_text(invite)
    command = [processes.program("parley"), "pipe", "--invite-file", str(tmp_path / "invite")]
    asks = processes.start(["sh", "-c", 'echo question | "$@"', "sh", *command], stdout=-1)
    # The other answers only once it has seen the end of the question.
    fifo = tmp_path / "answer"
    os.mkfifo(fifo)
    script = '"$@" <"$0" | (cat; echo and an answer) >"$0"'
    answers = processes.start(["sh", "-c", script, str(fifo), *command])
    assert asks.communicate(timeout=60)[0] == b"question\nand an answer\n"
    assert (asks.returncode, answers.wait(60)) == (0, 0)


def test_a_reader_that_does_not_read_holds_its_sender_back(double, clients, tmp_path):
    """What the two programs hold is bounded, however much is to be sent."""
    invite = new_invite(double.pin)(double.address)
    (tmp_path / "invite").write_text(invite)
    command = [processes.program("parley"), "pipe", "--invite-file", f"{tmp_path}/invite"]
    reader = processes.start(command, stdin=-3, stdout=-1)
    sender = processes.start(command, stdin=-1, stdout=-3, stderr=-1)
    assert any(b"connected with" in line for line in iter(sender.stderr.readline, b"")), "they meet first"
    os.set_blocking(sender.stdin.fileno(), False)
    written, chunk, refusals = 0, bytes(65536), 0

    def stuck():
        """It takes no more, time after time."""
        nonlocal written, refusals
        try:
            written += os.write(sender.stdin.fileno(), chunk)
            refusals = 0
        except BlockingIOError:
            refusals += 1
        return refusals > 200

    eventually(stuck, "the sender is held back")
    assert written < 8 << 20
    total = written
    os.set_blocking(sender.stdin.fileno(), True)
    sender.stdin.close()
    data = reader.stdout.read()
    assert len(data) == total
    assert (reader.wait(60), sender.wait(60)) == (0, 0)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_sender_that_is_stopped_is_a_failure_for_the_other(pipes, how):
    a, b = pipes(arguments=("--wait", "10s") if how == signal.SIGKILL else ())
    a.type("only this")
    b.hears("only this\n")
    a.signal(how)
    assert a.exit_status() == (130 if how == signal.SIGINT else -9)
    assert b.exit_status() == 1
    assert "before it had sent everything" in b.errors() or "did not come back within 10s" in b.errors()


def test_a_receiver_that_is_stopped_is_a_failure_for_the_other(pipes, clients):
    """Also for one that has nothing under way just then: it has not said all."""
    nothing = open(os.devnull, "rb")
    clients.append(nothing)
    a, b = pipes(None, nothing)
    a.type("only this")
    b.hears("only this\n")
    b.signal(signal.SIGTERM)
    assert b.exit_status() == 128 + signal.SIGTERM
    assert a.exit_status() == 1
    assert "before it had everything" in a.errors()


def test_one_signal_ends_it_though_nobody_reads(double, tmp_path):
    (tmp_path / "invite").write_text(new_invite(double.pin)(double.address))
    command = [processes.program("parley"), "pipe", "--invite-file", f"{tmp_path}/invite"]
    reader = processes.start(command, stdin=-3, stdout=-1)
    sender = processes.start(command, stdin=-1, stdout=-3, stderr=-3)
    waiting = bytearray(4)

    def stuck():
        """The pipe is full but for what a write of a page leaves of pages that it does not fill."""
        fcntl.ioctl(reader.stdout, termios.FIONREAD, waiting)
        return int.from_bytes(waiting, sys.byteorder) > 60_000

    sender.stdin.write(bytes(500_000))
    sender.stdin.flush()
    eventually(stuck, "the reader's output is full")
    reader.send_signal(signal.SIGTERM)
    assert reader.wait(30) == 128 + signal.SIGTERM
    sender.kill()


def test_what_is_written_in_part_is_not_taken(double, tmp_path):
    (tmp_path / "invite").write_text(new_invite(double.pin)(double.address))
    command = [processes.program("parley"), "pipe", "--invite-file", f"{tmp_path}/invite"]
    reader = processes.start(command, stdin=-3, stdout=-1)
    room = fcntl.fcntl(reader.stdout, fcntl.F_SETPIPE_SZ, 4096)
    sender = processes.start(command, stdin=-1, stdout=-3, stderr=-1)
    waiting = bytearray(4)

    def stuck():
        fcntl.ioctl(reader.stdout, termios.FIONREAD, waiting)
        return int.from_bytes(waiting, sys.byteorder) == room

    sender.stdin.write(bytes(3 * room))
    sender.stdin.close()
    eventually(stuck, "the reader has written a part of it")
    reader.send_signal(signal.SIGTERM)
    assert reader.wait(30) == 128 + signal.SIGTERM
    assert sender.wait(60) == 1
    assert b"before it had everything" in sender.stderr.read()
    sender.stderr.close()


def test_a_full_disk(double, clients, tmp_path):
    invite = new_invite(double.pin)(double.address)
    (tmp_path / "invite").write_text(invite)
    command = [processes.program("parley"), "pipe", "--invite-file", f"{tmp_path}/invite"]
    with open("/dev/full", "wb") as full:
        reader = processes.start(command, stdin=-3, stdout=full, stderr=-1)
        sender = processes.run(command, input="lost")
    errors = reader.communicate(timeout=60)[1]
    assert reader.returncode == 1 and b"No space left" in errors
    assert sender.returncode == 1


@pytest.fixture
def on_a_terminal(double, clients, tmp_path):
    """on_a_terminal("--raw", ...): a `parley pipe` there, and one in a pipe for the other side."""

    def start(*arguments):
        invite = new_invite(double.pin)(double.address)
        terminal = Terminal("pipe", *arguments, invite)
        other = Program("pipe", invite=invite, directory=tmp_path)
        clients.extend((terminal, other))
        terminal.sees("connected with")
        return terminal, other

    return start


def test_a_terminal_gets_text_and_is_told_of_the_end(on_a_terminal):
    terminal, other = on_a_terminal()
    other.type("Grüße\tund\r")
    other.type("日本")
    terminal.sees("Grüße")
    terminal.sees("日本")
    other.finish_input()
    terminal.sees("the other side has sent all that it had; this side goes on until its input ends (Ctrl-D)")
    terminal.type("and you?\r")
    other.hears("and you?\n")
    terminal.type("\x04")
    assert (terminal.exit_status(), other.exit_status()) == (0, 0)


@pytest.mark.parametrize("what", ["\x1b[2J", "over\rwritten", "\x9b31m", "nul\0"])
def test_a_terminal_is_not_steered_by_the_other_side(on_a_terminal, what):
    terminal, other = on_a_terminal()
    other.type("first")
    terminal.sees("first")
    other.type("next " + what)
    assert terminal.exit_status() == 1
    assert "not plain text" in terminal.seen and "--raw" in terminal.seen
    assert "next" not in terminal.seen
    assert other.exit_status() == 1


def test_a_terminal_gets_anything_when_that_is_asked_for(on_a_terminal):
    terminal, other = on_a_terminal("--raw")
    other.type("\x1b[1mbold\x1b[0m")
    terminal.sees("\x1b[1mbold\x1b[0m")
    other.finish_input()
    terminal.type("\x04")
    assert terminal.exit_status() == 0


def test_small_pieces_that_wait_take_little_memory(double, clients, tmp_path):
    """Each a read of its own, as a program writes that does not buffer: 160 KB of them while the relay is away."""
    if memory.is_sanitized(processes.program("parley")):
        pytest.skip("a sanitizer's own memory would count")
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    clients.append(ours)
    invite = new_invite(double.pin)(double.address)
    reader = Program("pipe", invite=invite, directory=tmp_path)
    sender = Program("pipe", invite=invite, directory=tmp_path, stdin=theirs)
    theirs.close()
    clients.extend((reader, sender))
    lines = [b"line %04d\n" % number for number in range(16_000)]
    ours.send(lines[0])
    reader.hears("line 0000\n")
    before = memory.resident(sender.pid)
    double.command("refuse-all overloaded 1")
    double.command("cut")
    eventually(lambda: "the relay is full" in sender.errors(), sender.errors)
    for line in lines[1:]:
        ours.send(line)
    unread = bytearray(4)

    def all_read():
        fcntl.ioctl(ours, termios.TIOCOUTQ, unread)
        return not any(unread)

    eventually(all_read, "it has read all of them")
    held = memory.resident(sender.pid) - before
    double.command("admit")
    ours.close()
    reader.finish_input()
    assert (sender.exit_status(), reader.exit_status()) == (0, 0), sender.errors() + reader.errors()
    assert reader.output() == b"".join(lines)
    assert held < 4 << 20, f"{held >> 10} KiB for {sum(map(len, lines)) >> 10} KiB"
