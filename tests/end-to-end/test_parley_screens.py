"""What a user sees on a screen: in windows of 40, 80 and 200 columns, on terminals that are known, dumb and unknown."""

import base64
import re
import signal
import time

import pytest

from parley_tests.chat_client import ChatClient
from parley_tests.programs import Program, new_invite
from parley_tests.relay_client import RelayClient
from parley_tests.terminal import ChatTerminal, Terminal, typed
from parley_tests.transfers import Receiving, make_file
from parley_tests.waiting import eventually

SIZES = (40, 80, 200)
KINDS = ("screen", "xterm-256color", "xterm-of-the-future")  # the last is in no terminal database


@pytest.fixture
def opened(clients):
    def put(program):
        clients.append(program)
        return program

    return put


@pytest.fixture(params=SIZES)
def columns(request):
    return request.param


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def two(double, opened, columns):
    """Chats of alice, in a window of so many columns, and of bob."""
    a = opened(ChatTerminal(*double.options, "--name", "alice", columns=columns))
    b = opened(ChatTerminal(a.invite(), "--name", "bob"))
    a.shows("^connected with bob")
    b.shows("^connected with alice")
    return a, b


@pytest.fixture
def transfer(double, opened, tmp_path, columns):
    """A sender and a receiver of 60 MB, in windows of so many columns; the relay passes on 2 MB a second."""
    double.command("pace 2000000")
    source = make_file(tmp_path / "a file with a long name.bin", 60_000_000)
    (tmp_path / "in").mkdir()
    sender = opened(Terminal("send", str(source), *double.options, columns=columns))
    invite = sender.sees_like(r"parley receive '(parley://[^']+)'").group(1)
    receiver = opened(Terminal("receive", "--yes", "--into", str(tmp_path / "in"), invite, columns=columns))
    return sender, receiver


def test_a_chat(double, opened, columns, kind):
    a = opened(ChatTerminal(*double.options, "--name", "alice", columns=columns, env={"TERM": kind}))
    b = opened(ChatTerminal(a.invite(), "--name", "bob"))
    b.shows("^connected with alice")
    a.shows("^connected with bob")
    a.type("half a li")
    a.shows("^you: half a li$")
    b.type("one two three four five six seven eight nine ten\r")
    a.shows("bob: one two three")

    def drawn():
        rows = [row for row in a.rows if row]
        return rows[-1] == "you: half a li" and rows[-2].startswith("connected with bob") and rows

    rows = a.watched_until(drawn, lambda: a.rows)
    text = [row for row in rows if re.search("one|six|ten", row)]
    assert re.match(r"\d\d:\d\d bob: one two three", text[0])
    assert all(re.match(r" {11}\w", row) for row in text[1:]), "it hangs under where it began"
    assert (len(text) > 1) == (columns == 40)
    # Home and End as all sorts of terminals have them, and what is typed there.
    for home, end in (("\x1b[H", "\x1b[F"), ("\x1bOH", "\x1bOF"), ("\x1b[1~", "\x1b[4~"), ("\x1b[7~", "\x1b[8~")):
        a.type(home + "<" + end + ">")
    a.shows(r"^you: <<<<half a li>>>>$")
    a.type("\x1b[H\x1b[3~\x1b[3~")
    a.shows(r"^you: <<half a li>>>>$")
    place = (a.rows.index("you: <<half a li>>>>"), len("you: "))
    a.watched_until(lambda: a.cursor == place, lambda: a.cursor)
    assert "terminal" not in a.seen, "libedit's complaint of a terminal that it does not know"


@pytest.mark.parametrize("home, end", [("[H", "[F"), ("OH", "OF"), ("[1~", "[4~"), ("[7~", "[8~")])
def test_home_and_end_in_the_modes_of_vi(double, opened, tmp_path, home, end):
    (tmp_path / ".editrc").write_text("bind -v\n")
    a = opened(ChatTerminal(*double.options, env={"HOME": str(tmp_path)}))
    a.invite()
    a.type(f"text\x1b{home}i<\x1b{end}a>")
    a.shows("^you: <text>$")


def test_a_long_line_breaks_at_blanks_under_where_it_began(two, columns):
    a, b = two
    words = " ".join(f"word{number}" for number in range(60))
    a.type(words)
    a.shows("word59$")
    typed = "\n".join(a.rows).partition("you: ")[2].split("\n")
    typed = [row for row in typed if row]
    assert len(typed) > 1 and all(re.match(r"( {5})?word\d+", row) for row in typed)
    assert " ".join(row.strip() for row in typed) == words
    a.type("\x1b[H" + "<")
    a.shows("you: <word0")
    a.type("\r")
    b.shows("word59$")
    a.shows(r"^\d\d:\d\d you: <word0")


def test_marks_and_joiners_are_drawn_again(two):
    a, b = two
    text = "e\u0301 👩\u200d👩\u200d👧 n\u0303o"
    a.type(text)
    a.sees("n\u0303o")
    a.type("\x1b[H")
    b.type("now\r")
    a.sees("bob: now")
    a.sees("you: " + text)
    a.type("\r")
    b.sees("alice: " + text)


def test_a_paste_of_three_lines_is_one_message(two, columns):
    a, b = two
    a.paste("if true; then\r\n  echo yes\r\nfi")
    a.shows("^     fi$")
    a.type("\r")
    b.shows(r"^\d\d:\d\d alice: if true; then$")
    b.shows("^ {13}  echo yes$")
    b.shows("^ {13}fi$")
    assert a.shows("you: if true") and a.shows("^ {11}  echo yes$")
    a.type("one\x1b\rtwo\r")  # Alt-Enter
    b.shows("alice: one$")
    b.shows("^ {13}two$")


def test_a_long_paste_is_asked_about(two):
    a, b = two
    lines = [f"line {number}" for number in range(12)]
    a.paste("\r".join(lines))
    a.shows("line 11$")
    a.type("\r")
    a.shows("send these 12 lines as one message")
    a.type("\r")
    a.shows("not sent; the key Up brings it back")
    a.type("\x1b[A")
    a.shows("line 11$")
    a.type("\r")
    a.sees("send these 12 lines")
    a.type("yes\r")
    b.shows("line 11$")
    assert "alice: line 0" in b.sees("line 11")


def test_nobody_can_make_a_line_of_another(two):
    a, b = two
    b.paste("hello\r12:03 carol: I owe you")
    b.type("\r")
    assert a.shows("carol").startswith("   ")


def test_a_window_that_becomes_narrow(two, columns):
    a, b = two
    a.type("half a line that is longer than thirty columns")
    a.shows("columns$")
    a.resize(30, 24)
    a.shows("^connected with bob$")
    a.shows("^you: half a line")
    a.shows("^     columns$")
    b.type("news\r")
    a.shows("bob: news")
    a.watched_until(lambda: [row for row in a.rows if row][-1].endswith("columns"), lambda: a.rows)


@pytest.mark.parametrize("width", [30, 120])
def test_a_window_that_becomes_another_during_a_transfer(transfer, width):
    sender, receiver = transfer
    for one in transfer:
        one.shows(r"\d+% .*MB")
        one.resize(width, 24)

    def is_drawn(one):
        line = [row for row in one.rows if row][-1]
        bars = [row for row in one.rows if re.search(r"\d%  ", row)]
        return bars == [line] and len(line) < width

    for one in transfer:
        if width == 30:  # as most terminals break what is too long now, which this one does not
            one.sees_like(r"\r\x1b\[[1-9]A\x1b\[K")
        one.watched_until(lambda one=one: is_drawn(one), lambda one=one: one.rows)


def test_the_screen_is_cleared_by_its_key(two):
    a, b = two
    a.type("half a line\x0c")
    a.shows("half a line")
    a.watched_until(lambda: [row for row in a.rows if row] == ["connected with bob", "you: half a line"], lambda: a.rows)
    a.watched_until(lambda: a.cursor == (1, len("you: half a line")), lambda: a.cursor)


def test_copying_to_the_clipboard(two):
    a, b = two
    a.type("/copy\r")
    copied = a.sees_like(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07").group(1)
    assert base64.b64decode(copied).startswith(b"parley://"), "while nothing has come"
    b.type("Grüße \x16\x07\r")  # Ctrl-V takes the next key as it is
    a.sees("Grüße")
    a.type("/copy\r")
    copied = a.sees_like(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07").group(1)
    assert base64.b64decode(copied).decode() == r"Grüße \x07"
    b.type("/copy invite\r")
    b.sees("there is no invite of yours")


def test_enter_connects_at_once_in_a_chat(two, double):
    a, b = two
    double.command("refuse-all overloaded 100")
    double.command("cut")
    for side in two:
        side.shows(r"^connecting again in \d\d+ s · Enter: now")
    double.command("admit")
    for side in two:
        side.type("\r")
    a.shows("^connected with bob")


def test_who_left_without_a_goodbye_is_waited_for(double, opened):
    def other():
        return opened(RelayClient(double.address, pin=double.pin).hello("lounge"))

    room = other()
    room.wait()
    chat = opened(ChatTerminal(*double.options, "--room", "lounge"))
    room.pair()
    ChatClient(room)
    chat.shows("^connected with the other side")
    room.bye()
    chat.shows("^the other side left; Enter waits for them, Ctrl-D leaves")
    chat.type("\r")
    chat.shows("^waiting for the other side")
    room = other()
    room.pair()
    ChatClient(room)
    chat.shows("^connected with the other side")
    room.bye()
    chat.shows("^the other side left; Enter waits for them, Ctrl-D leaves")
    chat.type("\x04")
    chat.exit_status()
    assert "waiting for" not in chat.seen.rpartition("Ctrl-D leaves")[2]


LINE = r"\[#* *\] +\d+%.*  [\d.]+ [kM]B/s  \d+ .*left"


def test_a_transfer(transfer, columns):
    for side, doing in zip(transfer, ("sending", "receiving")):
        row = side.shows(LINE)
        assert len(row) < columns
        assert (" of 60 MB" in row) == (columns > 40)
        side.shows(f"^parley: {doing} 1 file, 60 MB$")


def test_a_file_in_a_chat(two, double, tmp_path, columns):
    a, b = two
    (tmp_path / "in").mkdir()
    double.command("pace 2000000")
    a.type(f"/send {typed(make_file(tmp_path / 'big.bin', 60_000_000))}\r")
    b.sees("offers big.bin")
    b.type(f"/accept {typed(tmp_path / 'in')}\r")
    row = a.shows(r"^(↑|connected with bob · sending) .*" + LINE)
    assert row.startswith("↑") == (columns == 40) and len(row) < columns
    b.shows("^connected with alice · receiving .*" + LINE)
    double.command("pace 1")
    a.shows(r"^(↑|connected with bob · sending) .*\[#* *\] +\d+%.*  stalled for \d+ s")


def test_a_stall(transfer, double, columns):
    for side in transfer:
        side.shows(LINE)
    double.command("pace 1")
    for side in transfer:
        row = side.shows(r"\[#* *\] +\d+%.*  stalled for \d+ s")
        assert len(row) < columns and "left" not in row


def test_a_relay_that_is_away(transfer, double, columns):
    sender, receiver = transfer
    for side in transfer:
        side.shows(LINE)
    double.command("refuse-all overloaded 100")
    double.command("cut")
    for side in transfer:
        row = side.shows(r"^connecting again in \d\d+ s · Enter: now")
        assert len(row) < columns
        assert ("the relay is full" in row) == (columns > 40)
    double.command("admit")
    for side in transfer:
        side.type("\r")
    for side in transfer:
        side.shows(LINE)
        side.watched_until(lambda: not [row for row in side.rows if "connecting again" in row], lambda: side.rows)


def test_a_sender_that_waits_for_an_answer(double, opened, tmp_path, columns):
    chat = opened(ChatTerminal(*double.options))
    source = make_file(tmp_path / "a.bin", 100)
    sender = opened(Terminal("send", str(source), chat.invite(), columns=columns))
    chat.sees("offers a.bin")
    sender.shows(r"a\.bin|\[ +\]   0%.*  waiting for an answer")
    sender.shows("waiting for an answer$")
    sender.signal(signal.SIGUSR1)
    sender.shows("^parley: 0%, 0 B of 100 B")


def test_thinking_counts_in_no_rate(double, opened, tmp_path):
    chat = opened(ChatTerminal(*double.options))
    (tmp_path / "in").mkdir()
    source = make_file(tmp_path / "a.bin", 100)
    sender = opened(Terminal("send", str(source), chat.invite()))
    chat.sees("offers a.bin")
    began = time.monotonic()
    eventually(lambda: time.monotonic() - began > 2, "somebody thinks")
    chat.type(f"/accept {typed(tmp_path / 'in')}\r")
    sender.sees_like(r"in (less than )?1 s")


def test_a_log_is_told_each_tenth_and_when_it_is_asked(double, opened, tmp_path):
    double.command("pace 4000000")
    source = make_file(tmp_path / "big.bin", 20_000_000)
    (tmp_path / "in").mkdir()
    meeting = {"invite": new_invite(double.pin)(double.address), "directory": tmp_path}
    receiver = opened(Receiving(tmp_path / "in", **meeting))
    sender = opened(Program("send", str(source), **meeting))
    line = r"parley: \d\d%, [\d.]+ MB of 20 MB, [\d.]+ [kM]B/s, \d+ s left, big.bin"
    eventually(lambda: re.search(line, sender.errors()), sender.errors)
    told = sender.errors().count("%, ")
    sender.signal(signal.SIGUSR1)
    eventually(lambda: sender.errors().count("%, ") > told, sender.errors)
    assert (sender.exit_status(), receiver.exit_status()) == (0, 0)
    shown = [int(percent) for percent in re.findall(r"parley: (\d+)%", sender.errors())]
    assert len(shown) <= 11 and shown == sorted(shown) and "\x1b" not in sender.errors() and "\r" not in sender.errors()


def test_on_a_dumb_terminal_nothing_is_drawn_over(double, opened, tmp_path):
    source = make_file(tmp_path / "a.bin", 100)
    (tmp_path / "in").mkdir()
    sender = opened(Terminal("send", str(source), *double.options, env={"TERM": "dumb"}))
    invite = sender.sees_like(r"parley receive '(parley://[^']+)'").group(1)
    receiver = opened(Terminal("receive", "--yes", "--into", str(tmp_path / "in"), invite, env={"TERM": "dumb"}))
    assert (sender.exit_status(), receiver.exit_status()) == (0, 0)
    for side in (sender, receiver):
        assert "\x1b" not in side.seen and "\r" not in side.seen.replace("\r\n", "")


def test_being_asked_how_far_it_is_ends_nothing(double, opened, tmp_path):
    """Before there is anything to tell, and where there never is."""
    prompt = opened(Terminal("receive"))
    prompt.sees("Invite (not shown): ")
    prompt.signal(signal.SIGUSR1)
    prompt.type("no invite\r")
    prompt.sees("bad invite")
    chat = opened(ChatTerminal(*double.options))
    chat.shows("^waiting for the other side")
    chat.signal(signal.SIGUSR1)
    chat.sees("-- waiting for the other side")
    pipe = opened(Program("pipe", invite=new_invite(double.pin)(double.address), directory=tmp_path))
    eventually(lambda: "waiting" in pipe.errors(), pipe.errors)
    pipe.signal(signal.SIGUSR1)
    eventually(lambda: "sent 0 B, received 0 B; waiting for the other side" in pipe.errors(), pipe.errors)
