"""A program that was killed and is started again has its place back at once, and nobody else's.

The relay keeps the place of a lost client for a minute; whoever had to wait for that would be too late here.
"""

import shutil
import signal
import stat
import time

import pytest

from parley_tests import processes
from parley_tests.programs import Program, new_invite
from parley_tests.waiting import eventually

SOON = 30  # seconds, half of the minute that the relay keeps a place for


@pytest.fixture
def start(mortal_relay, clients, tmp_path):
    """start("chat", ..., home="a"): a program of the user with that home, all with the same invite."""
    invite = new_invite(mortal_relay.pin)(mortal_relay.address)

    def start(*command, home="home"):
        directory = tmp_path / home
        directory.mkdir(exist_ok=True)
        clients.append(Program(*command, invite=invite, directory=directory))
        return clients[-1]

    return start


def files(home):
    return sorted((home / "state" / "parley").glob("*"))


def assert_talk(a, b, word):
    for speaker, listener in ((a, b), (b, a)):
        speaker.type(f"{word} of {speaker.pid}")
        listener.hears(f"{word} of {speaker.pid}\n")


def killed(*programs):
    for program in programs:
        program.close()  # by SIGKILL


def assert_not_held(*programs):
    for program in programs:
        assert "kept for somebody" not in program.errors()
        assert "does not know" not in program.errors()


@pytest.mark.parametrize("homes", [("home", "home"), ("a", "b")], ids=["one machine", "two machines"])
def test_a_chat_that_is_killed(start, homes):
    a, b = (start("chat", home=home) for home in homes)
    assert_talk(a, b, "first")
    for who in (0, 1):
        begin = time.monotonic()
        programs = [a, b]
        killed(programs[who])
        eventually(lambda: "lost its connection" in programs[1 - who].errors(), programs[1 - who].errors)
        programs[who] = start("chat", home=homes[who])
        a, b = programs
        assert_talk(a, b, f"{who} again")
        assert time.monotonic() - begin < SOON
        assert_not_held(a, b)
        assert "was started anew" in programs[1 - who].errors()
    begin = time.monotonic()
    killed(a, b)
    b, a = start("chat", home=homes[1]), start("chat", home=homes[0])
    assert_talk(a, b, "last")
    assert time.monotonic() - begin < SOON
    assert_not_held(a, b)


def test_before_the_relay_knows_of_it(start, tmp_path):
    """As after a loss of power: the end of the connection has not come, and the new one takes its place."""
    a, b = start("chat", home="a"), start("chat", home="b")
    assert_talk(a, b, "first")
    a.signal(signal.SIGSTOP)
    shutil.copytree(tmp_path / "a" / "state", tmp_path / "copy" / "state")  # without the lock
    again = start("chat", home="copy")
    assert_talk(again, b, "second")
    assert_not_held(again, b)


def test_the_relay_was_killed_too(start, mortal_relay):
    a, b = start("chat"), start("chat")
    assert_talk(a, b, "first")
    mortal_relay.kill()
    killed(a, b)
    mortal_relay.revive()
    a, b = start("chat"), start("chat")
    assert_talk(a, b, "second")
    assert_not_held(a, b)


def test_nothing_stays_after_a_good_end(start, tmp_path):
    a, b = start("chat", "--linger", "100ms"), start("chat", "--linger", "100ms")
    assert_talk(a, b, "hello")
    there = files(tmp_path / "home")
    assert [stat.S_IMODE(path.stat().st_mode) for path in there] == [0o600, 0o600]
    a.finish_input()
    b.finish_input()
    assert (a.exit_status(), b.exit_status()) == (0, 0)
    assert files(tmp_path / "home") == []


def test_a_pipe_that_is_killed_fails_the_other(start):
    """What its partner had is lost, so that one must not go on as if nothing had been; nor may the new one."""
    a, b = start("pipe", home="a"), start("pipe", home="b")
    a.type("some of it")
    b.hears("some of it\n")
    killed(a)
    again = start("pipe", home="a")
    assert (b.exit_status(SOON), again.exit_status(SOON)) == (1, 1)
    assert "the other side was started anew" in b.errors()
    assert "the other side left before" in again.errors()


def test_a_room_without_an_invite(mortal_relay, tmp_path):
    where = ["--relay", "%s:%d" % mortal_relay.address, "--pin", f"sha256:{mortal_relay.pin}", "--room", "lounge"]
    env = processes.clean_environment(HOME=str(tmp_path))
    del env["XDG_STATE_HOME"]

    def start():
        command = [processes.program("parley"), "chat", *where, "--linger", "100ms"]
        return processes.start(command, stdin=-1, stdout=-1, stderr=-3, env=env, bufsize=0)

    a, b = start(), start()
    for word in (b"first\n", b"second\n", b"third\n"):
        if word != b"first\n":
            a.kill()
            a.wait()
            a = start()
        a.stdin.write(word)
        assert b.stdout.readline() == word
    b.stdin.close()
    assert b.wait(SOON) == 0
    assert a.wait(SOON) == 0
    assert list((tmp_path / ".local" / "state" / "parley").iterdir()) == []
