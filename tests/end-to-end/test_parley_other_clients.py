"""What clients and relays of others may do to `parley chat` and `parley pipe`, and what these then say."""

import json
import signal
import subprocess

import pytest

from parley_tests.chat_client import Kind
from parley_tests.programs import Program, new_invite
from parley_tests.waiting import eventually


def events(program, kind):
    lines = [json.loads(line) for line in program.output().decode().splitlines()]
    return [line for line in lines if line["event"] == kind]


@pytest.mark.parametrize("kind, body", [(Kind.STREAM, b"more"), (Kind.STREAM, b""), (Kind.TEXT, b"more")])
def test_a_record_behind_the_end_of_a_stream(meet, kind, body):
    pipe, other, _ = meet("pipe")
    other.send(Kind.STREAM, b"all")
    other.send(Kind.STREAM)
    other.send(kind, body)
    assert pipe.exit_status() == 1
    assert "record after the end of the stream" in pipe.errors()
    assert pipe.output() == b"all"


@pytest.mark.parametrize(
    "kind, body, says",
    [
        (Kind.ANSWER, {"file": 1, "accept": False}, "record about a file"),
        (Kind.DONE, {"file": 1, "error": "none"}, "record about a file"),
        (Kind.OFFER, b"no JSON", "body is not what its type says"),
        (Kind.STREAM, b"x", "the other side runs parley pipe"),
    ],
)
@pytest.mark.parametrize("style", ["--json", "--raw"])
def test_a_chat_with_who_makes_no_sense_has_failed(meet, kind, body, says, style):
    chat, other, _ = meet("chat", style)
    chat.type("a line that is not acknowledged")
    other.until(Kind.TEXT, acknowledges=False)
    other.send(kind, body)
    assert chat.exit_status() == 1
    if style == "--json":
        assert says in events(chat, "ended")[0]["text"]
        assert events(chat, "ended")[0]["status"] == 1
    else:
        assert says in chat.errors()
    assert "before everything was sent" not in chat.errors() + chat.output().decode()


def test_who_goes_on_talking_is_heard(meet):
    chat, other, _ = meet("chat", "--json", "--linger", "10ms")
    other.send(Kind.TEXT, b"0")
    chat.finish_input()
    other.until(Kind.BYE)
    for number in range(1, 6):  # for longer than the 3 s that are waited for something to come
        with pytest.raises(subprocess.TimeoutExpired):
            chat.exit_status(timeout=0.8)
        other.send(Kind.TEXT, str(number).encode())
    other.send(Kind.BYE)
    assert chat.exit_status() == 0
    assert [event["text"] for event in events(chat, "text")] == ["0", "1", "2", "3", "4", "5"]


def test_who_says_nothing_any_more_is_not_waited_for(meet):
    chat, other, _ = meet("chat", "--linger", "10ms")
    other.send(Kind.TEXT, b"0")
    chat.finish_input()
    other.until(Kind.BYE)
    assert chat.exit_status(timeout=20) == 1
    assert "you left before the other side had said that it was done" in chat.errors()


@pytest.mark.parametrize("style", ["--json", "--raw"])
def test_what_was_not_acknowledged_is_shown(meet, style):
    chat, other, room = meet("chat", style)
    for line in ("one", "two", "three"):
        chat.type(line)
    other.until(Kind.TEXT)
    for _ in range(2):
        other.until(Kind.TEXT, acknowledges=False)
    room.bye()
    assert chat.exit_status() == 1
    if style == "--json":
        assert [event["text"] for event in events(chat, "uncertain")] == ["two", "three"]
    else:
        assert chat.errors().count("this may not have arrived: t") == 2


def test_a_relay_that_never_waits_is_not_hammered(double, clients, tmp_path):
    double.command("refuse-all waited-too-long")
    chat = Program("chat", "--wait", "6s", invite=new_invite(double.pin)(double.address), directory=tmp_path)
    clients.append(chat)
    assert chat.exit_status() == 1
    assert 2 <= double.refused <= 12


def test_an_inner_tls_that_is_ended_is_not_waited_for_for_ever(double, clients, tmp_path):
    """As a rule the relay then says that the other side has left; this one does not."""
    invite = new_invite(double.pin)(double.address)
    stays = Program("chat", invite=invite, directory=tmp_path)
    clients.append(stays)
    eventually(lambda: "waiting" in stays.errors(), stays.errors)
    leaves = Program("chat", invite=invite, directory=tmp_path)
    clients.append(leaves)
    leaves.type("hello")
    stays.hears("hello")
    double.command("hide-leaving")
    # Who leaves while something is not acknowledged says no BYE of chat/1.
    stays.signal(signal.SIGSTOP)
    sent = double.data["second"]
    leaves.type("x" * 50_000)
    eventually(lambda: double.data["second"] >= sent + 3, leaves.errors)
    leaves.signal(signal.SIGINT)
    leaves.exit_status()
    stays.signal(signal.SIGCONT)
    eventually(lambda: "does not answer" in stays.errors(), stays.errors)
