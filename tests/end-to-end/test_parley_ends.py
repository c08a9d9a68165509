"""How conversations end: what is a good end, and what is a loss, for every command. And which commands do not go
together, which both are told as soon as they have met."""

import hashlib
import json
import signal

import pytest

from parley_tests.chat_client import Kind
from parley_tests.programs import Program, new_invite
from parley_tests.terminal import ChatTerminal
from parley_tests.transfers import make_file
from parley_tests.waiting import eventually

STOPS_SHORT = "without saying that it was done"


def ended(program):
    """The last event that it told."""
    return json.loads(program.output().decode().splitlines()[-1])


@pytest.fixture
def command(tmp_path):
    """The words of a command that has nothing to say for as long as its input is open."""
    return {
        "chat": ("chat",),
        "pipe": ("pipe",),
        "send": ("send", str(make_file(tmp_path / "file", 100))),
        "receive": ("receive", "--into", str(tmp_path)),
    }


# --- who goes with whom


@pytest.mark.parametrize(
    "one, other, runs_instead, has_instead",
    [
        ("chat", "pipe", "pipe", "chat"),
        ("chat", "receive", "send", "chat"),
        ("pipe", "receive", "send", "pipe"),
        ("pipe", "send", "receive", "pipe"),
        ("send", "send", "receive", None),
        ("receive", "receive", "send", None),
    ],
)
def test_two_that_do_not_go_together(double, clients, tmp_path, command, one, other, runs_instead, has_instead):
    """Both are told so, and with which command each would go, before anybody has said a word."""
    invite = new_invite(double.pin)(double.address)
    both = [Program(*command[name], invite=invite, directory=tmp_path) for name in (one, other)]
    clients.extend(both)
    assert [program.exit_status() for program in both] == [1, 1]
    if has_instead is None:
        for program in both:
            assert f"both sides run parley {one}; one of you must run parley {runs_instead}" in program.errors()
        return
    here, there = (program.errors() for program in both)
    assert f"the other side runs parley {other}" in here and f"run parley {runs_instead} with the same invite" in here
    assert f"the other side runs parley {one}" in there and f"run parley {has_instead} " in there


def test_who_does_not_say_what_it_runs_is_told_by_its_records(meet):
    pipe, other, _ = meet("pipe")
    other.send(Kind.TEXT, b"hello")
    assert pipe.exit_status() == 1
    assert "the other side runs parley chat" in pipe.errors()


def test_every_command_says_what_it_is_there_for(meet, command):
    for name, words in command.items():
        program, other, room = meet(*words)
        assert other.features == ([name] if name == "pipe" else [name, "stored"])
        program.signal(signal.SIGTERM)
        program.exit_status()
        room.close()


def test_a_chat_may_write_to_who_sends_it_files(meet, tmp_path):
    sender, other, _ = meet("send", str(make_file(tmp_path / "file", 100)), features=["chat"], name="Ada")
    other.send(Kind.TEXT, "what is it? \x1b[2J".encode())
    eventually(lambda: r"Ada says: what is it? \x1b[2J" in sender.errors(), sender.errors)
    other.send(Kind.BYE)
    other.until(Kind.BYE)
    assert sender.exit_status() == 1
    assert "the other side has left, and takes no more files" in sender.errors()


# --- who fails leaves without BYE


@pytest.mark.parametrize(
    "name, kind, body",
    [
        ("chat", Kind.STREAM, b"not here"),
        ("chat", Kind.OFFER, b"{}"),
        ("chat", Kind.ANSWER, {"file": 1, "accept": False}),
        ("pipe", Kind.TEXT, b"not here"),
        ("pipe", Kind.OFFER, {"file": 1, "name": "x", "size": 1}),
        ("receive", Kind.DONE, {"file": 1, "error": "none"}),
        ("receive", Kind.ANSWER, {"file": 1, "accept": False}),
        ("send", Kind.ANSWER, {"file": 9, "accept": False}),
        ("send", Kind.STREAM, b"not here"),
    ],
)
def test_who_refuses_what_came_leaves_without_bye_and_does_not_acknowledge_it(meet, command, name, kind, body):
    program, other, _ = meet(*command[name])
    other.send(kind, body)
    words = other.last_words()
    assert Kind.BYE not in words and Kind.ACK not in words
    assert program.exit_status() == 1


@pytest.mark.parametrize("name", ["pipe", "send", "receive"])
def test_who_is_stopped_with_something_left_to_do_leaves_without_bye(meet, command, name):
    program, other, _ = meet(*command[name])
    program.signal(signal.SIGINT)
    assert Kind.BYE not in other.last_words()
    assert program.exit_status() == 130


def test_a_chat_that_is_stopped_with_nothing_left_to_do_says_bye(meet):
    chat, other, _ = meet("chat")
    chat.type("hello")
    other.until(Kind.TEXT)
    other.send(Kind.TEXT, b"hello")
    chat.hears("hello\n")
    chat.signal(signal.SIGINT)
    assert Kind.BYE in other.last_words()
    assert chat.exit_status() == 130


# --- a good end needs the other's BYE, and all of one's own acknowledged


@pytest.mark.parametrize("style", ["--json", "--raw"])
@pytest.mark.parametrize("says_bye", [True, False])
def test_a_chat_whose_other_side_leaves(meet, style, says_bye):
    """Though it has acknowledged all that it was told."""
    chat, other, room = meet("chat", style)
    chat.type("hello")
    other.until(Kind.TEXT)
    other.send(Kind.TEXT, b"bye, but")
    chat.hears("bye, but")
    if says_bye:
        other.send(Kind.BYE)
        other.until(Kind.BYE)
    room.bye()
    assert chat.exit_status() == (0 if says_bye else 1)
    text = ended(chat)["text"] if style == "--json" else chat.errors()
    assert (STOPS_SHORT in text) != says_bye
    if style == "--json":
        assert ended(chat)["status"] == (0 if says_bye else 1)


def test_a_chat_on_a_terminal_whose_other_side_is_cut_off(double, clients):
    a = ChatTerminal(*double.options)
    clients.append(a)
    b = ChatTerminal(a.invite())
    clients.append(b)
    a.sees("is there")
    b.type("more follows\r")
    a.sees("more follows")
    # Who leaves while something of its own is not acknowledged says no BYE.
    a.signal(signal.SIGSTOP)
    b.type("this does not get there\r")
    b.sees("this does not get there")
    b.type("\x03")
    assert b.exit_status() == 130
    a.signal(signal.SIGCONT)
    a.sees(STOPS_SHORT)
    a.sees("Enter waits for them, Ctrl-D leaves")
    a.type("\x04")
    assert a.exit_status() == 1


def test_an_end_of_all_that_was_to_be_piped_is_none_without_bye(meet):
    pipe, other, room = meet("pipe")
    pipe.finish_input()
    other.until(Kind.STREAM)
    other.send(Kind.STREAM, b"all")
    other.send(Kind.STREAM)
    other.until(Kind.BYE)
    room.bye()
    assert pipe.exit_status() == 1
    assert STOPS_SHORT in pipe.errors() and pipe.output() == b"all"


def test_files_are_sent_for_good_when_the_receiver_has_said_bye(meet, tmp_path):
    source = make_file(tmp_path / "file", 100)
    for says_bye in (True, False):
        sender, other, room = meet("send", str(source), "--json")
        file = json.loads(other.until(Kind.OFFER))["file"]
        other.send(Kind.ANSWER, {"file": file, "accept": True, "offset": 0})
        other.until(Kind.DONE)
        other.until(Kind.BYE)
        if says_bye:
            other.send(Kind.BYE)
            assert other.last_words() == [Kind.ACK]
        room.bye()
        assert sender.exit_status() == (0 if says_bye else 1), sender.errors()
        assert ended(sender)["status"] == (0 if says_bye else 1)
        assert ("was gone before it said that it has everything" in sender.errors()) != says_bye


def test_what_is_acknowledged_and_not_stored_is_not_sent_yet(meet, tmp_path):
    file = make_file(tmp_path / "file", 100)
    sender, other, _ = meet("send", "--json", str(file), features=["chat", "stored"])
    other.until(Kind.OFFER)
    other.send(Kind.ANSWER, {"file": 1, "accept": True, "offset": 0})
    other.until(Kind.DONE)
    other.send(Kind.TEXT, b"it is still on its way to the disk")
    eventually(lambda: "on its way" in sender.errors() + sender.output().decode(), sender.errors)
    assert b'"event":"done"' not in sender.output()
    other.send(Kind.STORED, (3).to_bytes(8, "big"))  # OFFER, CHUNK and DONE
    other.until(Kind.BYE)
    assert b'"event":"done"' in sender.output()


def test_who_need_not_wait_for_the_disk_is_told_when_it_is_stored(meet, tmp_path, command):
    receiver, other, _ = meet(*command["receive"], features=["send", "stored"])
    other.send(Kind.OFFER, {"file": 1, "name": "empty", "size": 0})
    other.until(Kind.ANSWER)
    other.send(Kind.DONE, {"file": 1, "sha256": hashlib.sha256().hexdigest()})
    assert other.until(Kind.STORED) == (2).to_bytes(8, "big")
    assert (tmp_path / "empty").exists()


def test_nothing_is_received_from_who_leaves_without_a_word(meet, command):
    receiver, _, room = meet(*command["receive"], features=["send"])
    room.bye()
    assert receiver.exit_status() == 1
    assert "gone before everything was here" in receiver.errors()


def test_a_chat_that_ends_while_its_connection_is_away_comes_back_to_say_goodbye(double, clients, tmp_path):
    invite = new_invite(double.pin)(double.address)
    a, b = (Program("chat", "--json", "--linger", "0s", invite=invite, directory=tmp_path) for _ in range(2))
    clients.extend((a, b))
    a.type("hello")
    b.hears("hello")
    a.hears('"event":"acknowledged"')
    double.command("refuse-all overloaded 1")
    double.command("cut")
    eventually(lambda: "the relay is full" in a.output().decode(), a.output)
    a.finish_input()
    refused = double.refused
    eventually(lambda: double.refused >= refused + 3, "it goes on trying")
    assert a.is_running()
    double.command("admit")
    assert (a.exit_status(), b.exit_status()) == (0, 0)
    assert ended(a)["outcome"] == ended(b)["outcome"] == "done"


def test_a_chat_with_nobody_ends_at_once(double, clients, tmp_path):
    chat = ChatTerminal(*double.options)
    clients.append(chat)
    chat.invite()
    chat.type("\x04")
    assert chat.exit_status() == 0
    assert "you left" in chat.seen
