"""The terminal's modes: whatever ends or stops `parley`, the next program finds them as they were."""

import signal
import termios

import pytest

from parley_tests.memory import is_sanitized
from parley_tests.processes import program
from parley_tests.terminal import ChatTerminal, Terminal
from parley_tests.waiting import eventually

LOCAL_MODES = 3  # in what tcgetattr() gives


def modes(terminal):
    return termios.tcgetattr(terminal.fd)[LOCAL_MODES]


def echoes(terminal):
    return bool(modes(terminal) & termios.ECHO)


def edits(terminal):
    """The line editor has the terminal."""
    return not modes(terminal) & termios.ICANON


def is_stopped(terminal):
    with open(f"/proc/{terminal.pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0] == "T"


@pytest.fixture
def prompt(clients):
    opened = Terminal("receive")
    clients.append(opened)
    opened.sees("Invite (not shown): ")
    assert not echoes(opened), "what is typed must not be shown"
    return opened


@pytest.fixture
def chat(clients, double):
    opened = ChatTerminal(*double.options)
    clients.append(opened)
    opened.sees("waiting for the other side")
    assert edits(opened)
    return opened


def test_interrupted_while_it_asks_for_the_invite(prompt):
    prompt.type("\x03")
    assert prompt.exit_status() == 130
    assert echoes(prompt)


def test_ended_while_it_asks_for_the_invite(prompt):
    prompt.signal(signal.SIGTERM)
    assert prompt.exit_status() == 128 + signal.SIGTERM
    assert echoes(prompt)


def test_stopped_while_it_asks_for_the_invite(prompt):
    prompt.type("\x1a")
    eventually(lambda: is_stopped(prompt), "Ctrl-Z stops it")
    assert echoes(prompt)
    prompt.signal(signal.SIGCONT)
    eventually(lambda: not echoes(prompt), "what is typed is not shown again")
    prompt.type("parley://no invite\r")
    prompt.sees("bad invite")
    prompt.sees("Invite (not shown): ")
    eventually(lambda: not echoes(prompt), "asked again, it is not shown either")
    prompt.type("\x04")
    prompt.sees("no invite was given")
    assert prompt.exit_status() == 2
    assert echoes(prompt)


def test_two_signals_at_once(chat):
    for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGHUP, signal.SIGCONT):
        chat.signal(number)
    assert chat.exit_status() in (128 + signal.SIGTERM, 128 + signal.SIGHUP)
    assert not edits(chat) and echoes(chat)


def test_quit_by_a_key(chat):
    chat.type("\x1c")  # Ctrl-\
    assert chat.exit_status() == 128 + signal.SIGQUIT
    assert not edits(chat) and echoes(chat)


def test_pastes_are_marked_only_while_lines_are_edited(chat):
    chat.type("/who\r")
    chat.sees("nobody has come yet")
    eventually(chat.marks_pastes, "a line is edited")
    chat.type("\x1a")
    eventually(lambda: is_stopped(chat), "Ctrl-Z stops it")
    eventually(lambda: not chat.marks_pastes(), "no line is edited")
    chat.signal(signal.SIGCONT)
    eventually(chat.marks_pastes, "it goes on")
    chat.type("/quit\r")
    assert chat.exit_status() == 0
    assert not chat.marks_pastes()


def test_stopped_by_its_key_and_by_others(chat):
    chat.type("half a ")
    chat.sees("half a ")
    for stop in (lambda: chat.type("\x1a"), lambda: chat.signal(signal.SIGSTOP)):
        stop()
        eventually(lambda: is_stopped(chat), "it stops")
        # As a shell does when it takes the terminal back.
        as_a_shell = termios.tcgetattr(chat.fd)
        as_a_shell[LOCAL_MODES] |= termios.ICANON | termios.ECHO
        termios.tcsetattr(chat.fd, termios.TCSANOW, as_a_shell)
        chat.signal(signal.SIGCONT)
        eventually(lambda: edits(chat), "lines are edited again")
        chat.sees("half a ")
    chat.type("\x15/who\r")  # Ctrl-U: begin the line anew
    chat.sees("nobody has come yet")
    assert edits(chat), "between two lines, too"
    chat.type("\x04")
    assert chat.exit_status() == 0
    assert not edits(chat) and echoes(chat)


@pytest.mark.parametrize("name", ["SIGABRT", "SIGSEGV", "SIGALRM", "SIGUSR2", "SIGRTMAX"])
def test_ended_by_a_signal_that_nobody_expects(chat, name):
    if name == "SIGSEGV" and is_sanitized(program("parley")):
        pytest.skip("a sanitizer reports it as a fault of the program")
    eventually(chat.marks_pastes, "a line is edited")
    chat.signal(getattr(signal, name))
    chat.exit_status()
    assert not edits(chat) and echoes(chat)
    assert not chat.marks_pastes()


def test_ended_by_such_a_signal_while_it_asks_for_the_invite(prompt):
    prompt.signal(signal.SIGUSR2)
    prompt.exit_status()
    assert echoes(prompt)
