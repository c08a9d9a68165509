"""`parley chat`: in two terminals, in pipes, and by JSON, through the test double of a relay."""

import json
import signal

import pytest

from parley_tests import processes
from parley_tests.terminal import ChatTerminal
from parley_tests.programs import Program, new_invite
from parley_tests.waiting import eventually


@pytest.fixture
def terminal(clients):
    def start(*arguments, **options):
        opened = ChatTerminal(*arguments, **options)
        clients.append(opened)
        return opened

    return start


@pytest.fixture
def two_terminals(double, terminal):
    a = terminal("--relay", "127.0.0.1:%d" % double.port, "--pin", "sha256:" + double.pin, "--name", "alice")
    invite = a.invite()
    a.sees("waiting for the other side")
    b = terminal(invite, "--name", "bob")
    a.sees("bob is there")
    b.sees("alice is there")
    return a, b


@pytest.fixture
def chat(clients, tmp_path):
    """chat(relay, "--json", ...): `parley chat` in a pipe, the same invite for all."""
    invites = {}

    def start(relay, *arguments):
        invite = invites.setdefault(relay, new_invite(relay.pin))
        program = Program("chat", *arguments, invite=invite(relay.address), directory=tmp_path)
        clients.append(program)
        return program

    return start


def test_two_people(two_terminals):
    a, b = two_terminals
    a.type("hello bob\r")
    b.sees("alice: hello bob")
    b.type("half a li")
    a.sees("bob is typing")
    a.type("interrupting\r")
    b.sees("alice: interrupting")
    b.sees("half a li")  # shown again, below what came
    b.type("ne\r")
    a.sees("bob: half a line")
    a.type("/name Alicia\r")
    b.sees("alice is now Alicia")
    digits = r"\d{5} \d{5} \d{5} \d{5}"
    for side in (a, b):
        side.type("/verify\r")
    assert a.sees_like(digits).group() == b.sees_like(digits).group()
    a.type("/who\r")
    a.sees("nobody but you two can read this")
    a.type("/nonsense\r")
    a.sees("no command /nonsense")
    a.type("//quit is a command\r")
    b.sees("Alicia: /quit is a command")
    b.type("\x04")  # Ctrl-D on an empty line
    a.sees("bob left")
    assert (a.exit_status(), b.exit_status()) == (0, 0)


def test_a_relay_that_nobody_vouches_for(double, terminal):
    where = "127.0.0.1:%d" % double.port
    a = terminal("--relay", where)
    a.sees("sha256:" + double.pin)
    a.sees("[y/N]")
    a.type("y\r")
    assert "pin=sha256:" + double.pin in a.invite()
    a.sees("waiting for the other side")
    b = terminal("--relay", where)
    b.sees("[y/N]")
    b.type("\x03")
    assert b.exit_status() == 130


def test_leaving_while_the_other_is_away(two_terminals, double):
    a, b = two_terminals
    b.signal(signal.SIGSTOP)
    a.type("for later\r")
    a.type("/quit\r")
    a.sees("leaving · 1 message waits, Ctrl-C leaves at once")
    b.signal(signal.SIGCONT)
    b.sees("alice: for later")
    assert (a.exit_status(), b.exit_status()) == (0, 0)


def test_a_line_typed_while_the_relay_is_away(double, two_terminals):
    a, b = two_terminals
    double.command("refuse-all overloaded 1")
    a.type("in mid-sen")
    double.command("cut")
    a.sees("connecting again")
    a.type("tence\r")
    double.command("admit")
    b.sees("alice: in mid-sentence")
    a.sees("connected with bob")


def test_nobody_can_steer_the_terminal_of_another(double, two_terminals, terminal):
    a, b = two_terminals
    b.type("x\x16\x1b]0;owned\x16\x07 \u202e and\r")  # Ctrl-V takes the next key as it is
    a.sees("and")
    assert "\x1b]0;owned" not in a.seen
    assert "\u202e" not in a.seen
    assert r"\x1b]0;owned" in a.seen


def test_interrupt(two_terminals):
    a, b = two_terminals
    a.type("\x03")
    assert a.exit_status() == 130
    b.sees("alice left")
    assert b.exit_status() == 0


def test_the_secret_is_not_in_ps(double, terminal):
    a = terminal("--relay", "127.0.0.1:%d" % double.port, "--pin", "sha256:" + double.pin)
    invite = a.invite()
    b = terminal(invite)
    b.sees("is there")
    secret, room = invite.partition("#")[2], invite.split("/")[3].partition("?")[0]
    shown = open(f"/proc/{b.pid}/cmdline", "rb").read().decode()
    assert "parley" in shown and secret not in shown and room not in shown


def test_lines_in_pipes(double, chat):
    listener, sender = chat(double, "--linger", "100ms"), chat(double, "--linger", "100ms")
    listener.finish_input()
    sender.feed(f"line {number}" for number in range(3000))
    assert (sender.exit_status(), listener.exit_status()) == (0, 0), sender.errors() + listener.errors()
    assert listener.output().decode() == "".join(f"line {number}\n" for number in range(3000))
    assert sender.output() == b""


def test_events_as_json(double, chat):
    a, b = chat(double, "--json", "--name", "ann"), chat(double, "--json", "--linger", "100ms")
    a.type("Grüße \x1b ☕")
    b.hears("Grüße")
    a.finish_input()
    b.finish_input()
    assert (a.exit_status(), b.exit_status()) == (0, 0)
    events = [json.loads(line) for line in b.output().decode().splitlines()]
    texts = [(event["name"], event["text"]) for event in events if event["event"] == "text"]
    assert texts == [("ann", "Grüße \x1b ☕")]
    assert events[-1] == events[-1] | {"event": "ended", "status": 0}
    assert {"event": "acknowledged", "number": 1}.items() <= [
        json.loads(line) for line in a.output().decode().splitlines() if "acknowledged" in line
    ][0].items()


def test_a_room_without_an_invite(double, clients, tmp_path):
    where = ["--relay", "127.0.0.1:%d" % double.port, "--pin", "sha256:" + double.pin, "--room", "lounge"]
    command = [processes.program("parley"), "chat", *where, "--linger", "100ms"]
    first = processes.start(command, stdin=-1, stdout=-1, stderr=-1)
    second = processes.run(command, input="open\n")
    out, errors = first.communicate(b"", timeout=60)
    assert (first.returncode, second.returncode) == (0, 0)
    assert out == b"open\n"
    assert "can read everything" in second.stderr and b"can read everything" in errors


def test_a_partner_that_is_killed_and_started_anew(double, chat):
    a, b = chat(double), chat(double)
    a.type("one")
    b.hears("one\n")
    b.signal(signal.SIGKILL)
    eventually(lambda: "lost its connection" in a.errors(), a.errors)
    a.type("two")
    double.command("forget")
    double.command("cut")
    c = chat(double)
    c.hears("two\n")
    eventually(lambda: "was started anew" in a.errors(), a.errors)
    assert b"one" not in c.output()


def test_chat_and_pipe_do_not_mix(double, chat, clients, tmp_path):
    a = chat(double)
    pipe = Program("pipe", invite=open(a.invite_file).read().strip(), directory=tmp_path)
    clients.append(pipe)
    pipe.type("bytes")
    eventually(lambda: "same command" in a.errors(), a.errors)
    a.exit_status()
    assert pipe.exit_status() == 1
