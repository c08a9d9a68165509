"""Invites on their way from one side to the other: how they are shown, and in what shape they come back."""

import pytest

from parley_tests import processes
from parley_tests.terminal import Terminal
from parley_tests.waiting import PATIENCE


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
    receiver = terminal("receive", "--yes", "--into", str(tmp_path))
    receiver.sees("Invite (not shown): ")
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


def as_handed_over(invite):
    """As mail, editors and shells hand it over; the unit tests have more."""
    half = len(invite) // 2
    return [
        f"> “{invite[:half]}\r\n> {invite[half:]}”\r\n".encode(),
        f"\ufeff\n\n* [join me]({invite}).\n".encode(),
        f"{invite}\r\n".encode("utf-16"),
    ]


@pytest.mark.parametrize("shape", range(3))
@pytest.mark.parametrize("way", ["argument", "file", "standard input"])
def test_in_whatever_shape_it_comes_back(way, shape, terminal, double, tmp_path):
    sender = terminal("send", __file__, *double.options)
    given = as_handed_over(sender.sees_like(r"parley receive '([^']+)'").group(1))[shape]
    if way == "argument":
        given = given.decode("utf-16" if shape == 2 else "utf-8")
        command, data = [given], b""
    else:
        (tmp_path / "invite").write_bytes(given)
        command, data = (["--invite-file", str(tmp_path / "invite")], b"") if way == "file" else (["-"], given)
    done = processes.run(
        [processes.program("parley"), "receive", "--into", str(tmp_path), *command], input=data, text=False
    )
    assert (done.returncode, sender.exit_status()) == (0, 0), done.stderr


def test_what_follows_an_invite_on_standard_input_is_left_there(terminal, double):
    host = terminal("pipe", *double.options)
    line = host.sees_like(r"parley pipe '[^']+'").group()
    half = len(line) // 2
    guest = processes.start([processes.program("parley"), "pipe", "-"], stdin=-1, stdout=-1, text=True)
    guest.stdin.write(f"\n{line[:half]}\n{line[half:]}\nand this is sent\n")
    guest.stdin.close()
    host.sees("and this is sent")
    host.type("\x04")
    assert (host.exit_status(), guest.wait(PATIENCE)) == (0, 0)


def test_what_is_no_invite_is_asked_for_again(terminal, double, tmp_path):
    sender = terminal("send", __file__, *double.options)
    invite = sender.sees_like(r"parley receive '([^']+)'").group(1)
    receiver = terminal("receive", "--yes", "--into", str(tmp_path))
    for wrong, says in [("hello", "this is not an invite"), (invite[:-1], "21 characters where 22 belong"), ("", "empty")]:
        receiver.sees("Invite (not shown): ")
        receiver.type(wrong + "\r")
        receiver.sees(says)
    receiver.sees("Invite (not shown): ")
    receiver.type(f"> {invite[:20]}\r> {invite[20:]}\r")
    assert (receiver.exit_status(), sender.exit_status()) == (0, 0)
    assert invite[20:] not in receiver.seen


def test_receive_asks_for_the_invite_though_it_knows_a_relay(terminal, double, tmp_path):
    env = {"PARLEY_RELAY": double.endpoint, "PARLEY_PIN": "sha256:" + double.pin}
    sender = terminal("send", __file__, *double.options)
    receiver = terminal("receive", "--yes", "--into", str(tmp_path), env=env)
    receiver.sees("Invite (not shown; Enter alone makes a new one): ")
    receiver.type(sender.sees_like(r"parley receive '([^']+)'").group(1) + "\r")
    assert (receiver.exit_status(), sender.exit_status()) == (0, 0)


def test_an_invite_mistyped_in_one_letter_is_said_at_once(terminal, double):
    host = terminal("pipe", *double.options)
    invite = host.sees_like(r"parley pipe '([^']+)'").group(1)
    room = invite.partition("?")[0].rpartition("/")[2]
    mistyped = invite.replace(room, room[:5] + ("b" if room[5] != "b" else "c") + room[6:])
    says = "a letter of the invite's room may be mistyped: compare the invites if nobody comes"
    guest = terminal("pipe", "--wait", "1ms", mistyped)
    guest.sees(says)
    guest.exit_status()
    assert "connected" not in guest.seen
    guest = terminal("pipe", invite)
    guest.sees("connected")
    assert says not in guest.seen


def test_a_qr_code_says_when_the_window_is_too_small_for_it(terminal):
    """With a pin it is higher than 24 lines, without one it fits."""
    pin = "sha256:" + "A" * 43
    arguments = ("invite", "--relay", "relay.example.org", "--qr")
    small, tall = terminal(*arguments), terminal(*arguments, "--pin", pin)
    assert (small.exit_status(), tall.exit_status()) == (0, 0)
    assert "▄" in small.seen and "window" not in small.seen
    assert small.seen.count("\n") < 24
    assert "▄" in tall.seen and "lines, and this window has 24: make it taller" in tall.seen
    narrow = terminal(*arguments, columns=30)
    assert narrow.exit_status() == 0
    assert "▄" not in narrow.seen and "columns, and this window has 30" in narrow.seen.replace("\r\n", "")
    assert "parley://relay.example.org/" in narrow.seen


def test_receive_makes_an_invite_when_none_is_given_to_it(terminal, double, tmp_path):
    env = {"PARLEY_RELAY": double.endpoint, "PARLEY_PIN": "sha256:" + double.pin}
    receiver = terminal("receive", "--yes", "--into", str(tmp_path), env=env)
    receiver.sees("Invite (not shown; Enter alone makes a new one): ")
    receiver.type("\r")
    sender = terminal("send", __file__, receiver.sees_like(r"parley send FILE... '([^']+)'").group(1))
    assert (receiver.exit_status(), sender.exit_status()) == (0, 0)
