"""Invites on their way from one side to the other: how they are shown, and in what shape they come back."""

import pytest

from parley_tests.terminal import Terminal


@pytest.fixture
def terminal(clients):
    def start(*arguments, **options):
        opened = Terminal(*arguments, **options)
        clients.append(opened)
        return opened

    return start


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("send", "receive"), ("receive", "send FILE..."), ("pipe", "pipe")],
)
def test_what_is_shown_can_be_copied_into_a_shell(ours, theirs, terminal, double):
    files = [__file__] if ours == "send" else []
    shown = terminal(ours, *files, *double.options)
    shown.sees(f"  parley {theirs} 'parley://127.0.0.1:")
    shown.sees_like(r"#[\w-]{22}'\r\n")


def test_what_is_shown_can_be_pasted_where_the_invite_is_asked_for(terminal, double, tmp_path):
    sender = terminal("send", __file__, *double.options)
    line = sender.sees_like(r"parley receive '[^']+'").group()
    receiver = terminal("receive", "--into", str(tmp_path))
    receiver.sees("Invite: ")
    receiver.type(line + ".\r")
    assert (sender.exit_status(), receiver.exit_status()) == (0, 0)


def test_who_asks_for_an_invite_that_is_not_theirs(terminal, double):
    in_a_room = terminal("chat", "--room", "lounge", *double.options)
    in_a_room.sees("waiting")
    in_a_room.type("/invite\r")
    in_a_room.sees("there is no invite: who knows this relay and the room lounge can come")
    maker = terminal("chat", *double.options, env={"NO_COLOR": "1"})
    guest = terminal("chat", maker.sees_like(r"parley chat '([^']+)'").group(1))
    guest.sees("is there")
    guest.type("/invite\r")
    guest.sees("the other side has made the invite")


def test_a_whole_line_as_one_argument_is_not_in_ps(terminal, double):
    line = terminal("pipe", *double.options).sees_like(r"parley pipe '[^']+'").group()
    other = terminal("pipe", line)
    other.sees("connected")
    shown = open(f"/proc/{other.pid}/cmdline", "rb").read().decode()
    assert line.partition("#")[2].rstrip("'") not in shown and "127.0.0.1" not in shown
