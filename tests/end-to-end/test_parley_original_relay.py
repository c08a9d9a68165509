"""`parley classic` with a relay of the original design: one thing at a time, and turns."""

import pytest

from parley_tests.original_relay import OriginalRelay
from parley_tests.programs import classic
from parley_tests.terminal import Terminal
from parley_tests.waiting import eventually


@pytest.fixture(params=[512, 1024, 2048])
def relay(request, clients):
    relay = OriginalRelay(request.param)
    relay.bits = request.param
    clients.append(relay)
    return relay


@pytest.fixture
def parley(relay, clients):
    def start(*arguments):
        program = classic(relay.classic, *arguments)
        clients.append(program)
        return program

    return start


def test_one_line_each_in_pipes(relay, parley):
    a, b = parley("--linger", "300ms"), parley("--linger", "300ms")
    for client, line in ((a, "hi"), (b, "ho")):
        client.type(line)
        client.finish_input()
    a.hears("ho\n")
    b.hears("hi\n")
    assert {a.exit_status(), b.exit_status()} == {0}, a.errors() + b.errors()
    assert not relay.broken


def test_many_lines_in_pipes(relay, parley):
    """They go out one a turn, by themselves if the relay's key shows that it is none of today."""
    pace = ("--pace", "always") if relay.bits >= 2048 else ()
    a, b = parley("--linger", "300ms", *pace), parley("--linger", "300ms", *pace)
    lines = {client: [f"{name} {number}" for number in range(5)] for client, name in ((a, "a"), (b, "b"))}
    for client in (a, b):
        for line in lines[client]:
            client.type(line)
        client.finish_input()
    a.hears("b 4\n")
    b.hears("a 4\n")
    assert a.output().decode().splitlines() == lines[b]
    assert b.output().decode().splitlines() == lines[a]
    assert {a.exit_status(), b.exit_status()} == {0}, a.errors() + b.errors()
    assert not relay.broken


def test_by_hand(relay, clients):
    a, b = (Terminal("classic", "--timeout", "60s", "%s:%d" % relay.classic) for _ in range(2))
    clients.extend((a, b))
    for side in (a, b):
        side.sees("connected to")
    for turn in range(3):
        a.type(f"ping {turn}\r")
        b.type(f"pong {turn}\r")
        a.sees(f"pong {turn}")
        b.sees(f"ping {turn}")
    a.type("\x04")
    assert a.exit_status() == 0
    assert not relay.broken


def test_a_line_of_several_blocks_waits_for_turns_and_says_so(clients):
    relay = OriginalRelay(512)
    clients.append(relay)
    a = classic(relay.classic)
    clients.append(a)
    eventually(lambda: relay.accepted == 1)
    b = classic(relay.classic)
    clients.append(b)
    a.type("x" * 100)
    eventually(lambda: "goes out when the other side has written" in a.errors(), a.errors)
    b.hears("x" * 53 + "\n")
    b.type("go on")
    b.hears("x" * 47 + "\n")
    assert not relay.broken


def test_what_has_no_turn_any_more_was_not_sent(clients):
    relay = OriginalRelay(512)
    clients.append(relay)
    a = classic(relay.classic)
    clients.append(a)
    eventually(lambda: relay.accepted == 1)
    b = classic(relay.classic, "--linger", "300ms")
    clients.append(b)
    a.type("one")
    a.type("two")
    a.finish_input()
    b.hears("one\n")
    b.finish_input()
    assert b.exit_status() == 0
    assert a.exit_status() == 1
    assert "before everything was sent" in a.errors()
