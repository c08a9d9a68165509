"""`parley chat`: in two terminals, in pipes, and by JSON, through the test double of a relay."""

import json
import re
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
    a = terminal(*double.options, "--name", "alice")
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
    b.sees("connected with Alicia")
    b.type("/name none\r")
    b.sees("the other side now sees no name of you")
    a.sees("bob is now without a name")
    b.type("/name bob\r")
    a.sees("the other side is now bob")
    digits = r"\d{5} \d{5} \d{5} \d{5}"
    for side in (a, b):
        side.type("/verify\r")
    assert a.sees_like(digits).group() == b.sees_like(digits).group()
    a.type("/who\r")
    a.sees("nobody but you two can read this")
    a.type("/nonsense\r")
    a.sees("no command /nonsense; /help lists them")
    a.type("/nmae Ann\r")
    a.sees("no command /nmae; did you mean /name?")
    a.type("//quit is a command\r")
    b.sees("Alicia: /quit is a command")
    b.type("\x04")  # Ctrl-D on an empty line
    a.sees("bob left")
    assert (a.exit_status(), b.exit_status()) == (0, 0)


def test_a_relay_that_nobody_vouches_for(double, terminal):
    where = double.endpoint
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


def test_an_invite_as_a_qr_code(double, terminal):
    a = terminal(*double.options, "--qr")
    a.invite()
    assert "▄" in a.seen


def test_what_is_taken_off_the_screen_is_not_scrolled_back_to(two_terminals):
    a, b = two_terminals
    b.type("half a li")
    a.sees("bob is typing")
    b.type("ne\r")
    a.sees("bob: half a line")
    assert "\x1b[J" in a.seen
    assert not re.search(r"\r(\x1b\[\d+A)?\x1b\[J", a.seen), "erasing the whole screen, tmux would keep it"


def test_of_a_line_taller_than_the_window_the_end_is_shown(double, two_terminals):
    a, b = two_terminals
    a.type("x" * 80 * 24 + "tall")
    a.shows("tall$")
    b.type("half a line\r")
    a.shows("bob: half a line")
    a.shows("tall$")
    a.shows("^connected with bob")
    double.command("refuse-all overloaded 1")
    double.command("cut")
    a.shows("connecting again")
    double.command("admit")
    a.shows("connected with bob")
    a.type("\x15short\r")  # Ctrl-U takes it away
    b.sees("alice: short")


def test_a_dumb_terminal_is_told_only_of_changes(double, terminal):
    a = terminal(*double.options, env={"TERM": "dumb"})
    b = terminal(a.invite(), "--name", "bob")
    b.sees("is there")
    b.type("half a li")
    a.sees("-- connected with bob")
    b.type("ne\r")
    a.sees("bob: half a line")
    double.command("refuse-all overloaded 3")
    double.command("cut")
    # What the relay tells, and up to half of it.
    waits = a.sees_like(r"connecting again in ([3-5]) s · Enter: now · the relay is full")[1]
    double.command("admit")
    a.sees("-- connected with bob")
    assert "typing" not in a.seen and f"in {int(waits) - 1} s · Enter" not in a.seen and "\x1b" not in a.seen


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


@pytest.mark.parametrize("when", ["always", "idle", "never"])
def test_the_bell(double, terminal, when):
    """idle: not for somebody who has just been there. (Its minute passes in no test.)"""
    a = terminal(*double.options)
    b = terminal(a.invite(), "--bell", when)
    b.sees("is there")
    a.type("ding\r")
    b.sees("ding")
    a.type("/quit\r")
    assert b.exit_status() == 0
    assert ("\x07" in b.seen) == (when == "always")


COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("env, colours, escapes", [
    ({"NO_COLOR": ""}, True, True), ({"NO_COLOR": "1"}, False, True), ({"NO_COLOR": "", "TERM": "dumb"}, False, False),
], ids=["colours", "NO_COLOR", "dumb"])  # fmt: skip
def test_colours(double, terminal, env, colours, escapes):
    a = terminal(*double.options, "--name", "alice")
    b = terminal(a.invite(), env=env)
    a.sees("is there")
    a.type("red\r")
    b.sees("red")
    b.type("rose\r")
    a.sees("rose")
    a.type("/quit\r")
    assert b.exit_status() == 0
    assert bool(COLOUR.search(b.seen)) == colours
    assert ("\x1b" in b.seen) == escapes


def test_earlier_lines_come_back_by_a_key(two_terminals):
    a, b = two_terminals
    for line in ("first of all", "second"):
        a.type(line + "\r")
        b.sees("alice: " + line)
    a.type("\x1b[A\x1b[A\r")  # Up, twice
    b.sees("alice: first of all")
    a.type("\x1b[A\x1b[A\x1b[B again\r")  # and once down
    b.sees("alice: first of all again")


def test_nobody_can_speak_for_another(two_terminals):
    a, b = two_terminals
    b.type("/name you\r")
    a.sees('bob is now "you"')
    a.sees('connected with "you"')
    b.type("I owe bob\r")
    a.sees('"you": I owe bob')


def test_interrupt(two_terminals):
    a, b = two_terminals
    a.type("\x03")
    assert a.exit_status() == 130
    b.sees("alice left")
    assert b.exit_status() == 0


def test_what_is_pasted_is_one_text(two_terminals):
    a, b = two_terminals
    a.paste("first\t1\r/quit\r\x04//\r")
    a.shows("^     /quit$")
    a.type("\r")
    b.sees("//")

    def drawn():
        said = [row for row in b.rows if row][-5:]
        return [row.strip() for row in said[1:]] == ["/quit", "//", "connected with alice", "you:"] and said

    said = b.watched_until(drawn, lambda: b.rows)
    assert re.fullmatch(r"\d\d:\d\d alice: first   1", said[0])
    a.paste("/na")
    a.paste("me Ann")
    a.type("\r")  # typed, so it is a command, and its user has seen it
    b.sees("alice is now Ann")


def test_the_rest_of_a_line_is_not_for_the_shell(double, terminal):
    shell = ["sh", "-c", '"$@"; echo "the shell again"; cat', "sh"]
    a = terminal(*double.options, launcher=shell)
    b = terminal(a.invite())
    for side in (a, b):
        side.sees("connected with the other side")
    a.type("rm -r")
    a.sees("rm -r")
    a.type(" ")  # it is only asked of who has just typed
    b.type("/quit\r")
    a.sees("Enter closes")
    a.paste("f x\rls\r")
    a.type("more\r")
    a.sees("the shell again")
    a.type("end\r\x04")
    assert a.exit_status() == 0
    assert not any(word in a.seen.partition("Enter closes")[2] for word in ("f x", "ls", "more"))


def test_interrupted_while_messages_wait(two_terminals):
    a, b = two_terminals
    b.signal(signal.SIGSTOP)
    a.type("for later\r/quit\r")
    a.sees("-- leaving · 1 message waits, Ctrl-C leaves at once")
    a.type("\x03")
    assert a.exit_status() == 130
    after = a.seen.rpartition("Ctrl-C leaves at once")[2]
    assert "you left; 1 of your messages may not have arrived" in after and "leaving" not in after
    b.signal(signal.SIGCONT)


def test_the_secret_is_not_in_ps(double, terminal):
    a = terminal(*double.options)
    invite = a.invite()
    b = terminal(invite)
    b.sees("is there")
    secret, room = invite.partition("#")[2], invite.split("/")[3].partition("?")[0]
    shown = open(f"/proc/{b.pid}/cmdline", "rb").read().decode()
    assert "parley" in shown and secret not in shown and room not in shown


def test_lines_in_pipes(double, chat):
    listener, sender = chat(double, "--linger", "none"), chat(double, "--linger", "100ms")
    listener.finish_input()
    sender.feed(f"line {number}" for number in range(3000))
    assert (sender.exit_status(), listener.exit_status()) == (0, 0), sender.errors() + listener.errors()
    assert listener.output().decode() == "".join(f"line {number}\n" for number in range(3000))
    assert sender.output() == b""


def test_events_as_json(double, chat):
    a, b = chat(double, "--json", "--name", "ann"), chat(double, "--json", "--linger", "100ms")
    a.type("Grüße \x1b ☕")
    b.hears(r"Gr\u00fc\u00dfe")  # nothing but ASCII, which steers no terminal
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
    where = [*double.options, "--room", "lounge"]
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
    assert "does not know" not in c.errors(), "that its predecessor's place is gone is no news to it"


