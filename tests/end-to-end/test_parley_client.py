"""`parley classic`: with itself, with the original's clients, in pipes and in a terminal."""

import socket

import pytest

from parley_tests import processes
from parley_tests.terminal import Terminal

LINGER = ("--linger", "300ms")
NO_CONNECTION, REFUSED = 3, 4  # exit statuses


def test_two_of_them(relay):
    a, b = relay.parley(), relay.parley()
    a.type("Grüße ☕")
    b.hears("Grüße ☕\n")
    b.type("zurück")
    a.hears("zurück\n")
    a.finish_input()
    assert a.exit_status() == 0
    assert b.exit_status() == 0
    assert a.output() == "zurück\n".encode()
    assert b.output() == "Grüße ☕\n".encode()


def test_echo_hi_into_a_pipe(relay):
    a, b = relay.parley(*LINGER), relay.parley(*LINGER)
    for client, line in ((a, "hi"), (b, "ho")):
        client.type(line)
        client.finish_input()
    assert (a.exit_status(), b.exit_status()) == (0, 0), a.errors() + b.errors()
    assert (a.output(), b.output()) == (b"ho\n", b"hi\n")


def test_piped_input_waits_for_the_other_client(relay):
    a = relay.parley(*LINGER)
    for number in range(50):
        a.type(f"line {number}")
    a.finish_input()
    relay.wait_for_lobby(1)
    b = relay.client(bits=2048)
    assert [b.hear() for _ in range(50)] == [f"line {number}" for number in range(50)]
    b.say("all there")
    a.hears("all there\n")
    b.close()
    assert a.exit_status() == 0


@pytest.mark.parametrize("who_comes_first", ["parley", "original"])
def test_with_an_original_client(relay, who_comes_first):
    if who_comes_first == "parley":
        a = relay.parley()
        relay.wait_for_lobby(1)
        b = relay.original()
    else:
        b = relay.original()
        relay.wait_for_lobby(1)
        a = relay.parley()
    for turn in range(5):
        a.type(f"à toi {turn}")
        assert b.hear() == f"à toi {turn}"
        b.say(f"à toi aussi {turn}")
        a.hears(f"à toi aussi {turn}\n")
    b.close()
    assert a.exit_status() == 0


def test_a_key_of_the_original_size(relay):
    a = relay.parley("--key-bits", "512")
    b = relay.client(bits=512)
    b.say("is it small?")
    a.hears("is it small?\n")
    bits = [leg["rsa_bits"] for leg in relay.json("/api/v1/sessions")["sessions"][0]["legs"]]
    assert bits == [512, 512]


def test_turns_are_strict(relay):
    a = relay.parley("--turns", "--key-bits", "512")
    for line in ["one", "two", "three"]:
        a.type(line)
    relay.wait_for_lobby(1)
    b = relay.client(bits=512)
    for turn, line in enumerate(["one", "two", "three"], 1):
        assert b.hear() == line
        # All three lines have long been typed: the second may come only after an answer to the first.
        assert relay.json("/api/v1/sessions")["sessions"][0]["legs"][0]["messages_in"] == turn
        b.say("answer to " + line)
    a.hears("answer to three\n")


def test_a_line_longer_than_a_block(relay):
    a = relay.parley()
    b = relay.client(bits=2048)
    line = "longer than one block " * 100
    a.type(line)
    heard = ""
    while len(heard) < len(line):
        heard += b.hear()
    assert heard == line


def test_nobody_listens():
    with socket.socket() as unused:  # bound but not listening: connections are refused
        unused.bind(("127.0.0.1", 0))
        done = processes.run(
            [processes.program("parley"), "classic", "127.0.0.1:%d" % unused.getsockname()[1]], input=""
        )
    assert done.returncode == NO_CONNECTION
    assert "refused" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_port_that_is_no_relay(relay):
    done = processes.run([processes.program("parley"), "classic", "%s:%d" % relay.admin], input="", timeout=90)
    assert done.returncode == NO_CONNECTION
    assert done.stderr.startswith("parley: ")


def test_a_refused_key(start_relay):
    relay = start_relay(classic_keys="shared", classic_min_client_bits="1024")
    client = relay.parley("--key-bits", "512")
    assert client.exit_status() == REFUSED
    assert "512" in client.errors()


def test_a_full_relay(start_relay):
    relay = start_relay(classic_keys="shared", max_connections="1")
    relay.client()
    client = relay.parley()
    assert client.exit_status() == REFUSED
    assert client.errors()


def test_wrong_usage():
    for arguments in (["classic"], ["classic", "--no-such-option", "x"], ["no-such-command"], []):
        assert processes.run([processes.program("parley"), *arguments], input="").returncode == 2
    done = processes.run([processes.program("parley"), "classic", "--help"])
    assert done.returncode == 0
    assert "parley classic" in done.stdout


@pytest.fixture
def terminal(relay, clients):
    def start(*arguments):
        opened = Terminal("classic", "--timeout", "60s", *arguments, "%s:%d" % relay.classic)
        clients.append(opened)
        return opened

    return start


def test_a_chat_in_a_terminal(relay, terminal):
    a = terminal()
    relay.wait_for_lobby(1)
    b = relay.client(bits=2048)
    b.say("hello terminal")
    a.sees("hello terminal")
    a.type("hello wire\r")
    assert b.hear() == "hello wire"
    a.type("\x04")  # Ctrl-D on an empty line
    assert a.exit_status() == 0
    assert b.end() == b""


def test_incoming_lines_do_not_disturb_what_is_being_typed(relay, terminal):
    a = terminal()
    relay.wait_for_lobby(1)
    b = relay.client(bits=2048)
    a.type("half a ")
    a.sees("half a ")
    b.say("interrupting")
    a.sees("interrupting")
    a.sees("half a")  # shown again, below what came
    a.type("lime\x7f\x7fne\r")
    assert b.hear() == "half a line"


def test_a_partner_cannot_send_control_codes_to_the_terminal(relay, terminal):
    a = terminal()
    relay.wait_for_lobby(1)
    b = relay.client(bits=2048)
    b.say("\x1b]0;owned\x07 and \x1b[2J\x9b31m the end")
    a.sees("the end")
    assert "\x1b]0;owned" not in a.seen
    assert "\x1b[2J" not in a.seen
    assert "\x9b" not in a.seen


def test_of_what_is_pasted_each_line_is_a_message(relay, terminal):
    a = terminal()
    relay.wait_for_lobby(1)
    b = relay.client(bits=2048)
    a.paste("one\r/quit\r\rfour\r")
    a.type("\r")
    assert [b.hear() for _ in range(4)] == ["one", "/quit", "", "four"]


def test_the_partner_leaving_ends_it(relay, terminal):
    a = terminal()
    relay.wait_for_lobby(1)
    with relay.one_more_session():
        b = relay.client(bits=2048)
    b.say("bye")
    b.close()
    a.sees("bye")
    assert a.exit_status() == 0


def test_interrupt(relay, terminal):
    a = terminal()
    relay.wait_for_lobby(1)
    a.type("\x03")
    assert a.exit_status() == 130
    relay.wait_for_lobby(0)
