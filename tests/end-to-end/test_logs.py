"""The log has a line for each session's start and end, and never what was said."""

import hashlib
import json
import signal

import pytest

from parley_tests.waiting import eventually

SECRET = "the-secret-word"


@pytest.mark.parametrize("leaver", ["first", "second"])
@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_line_at_the_start_and_one_at_the_end_of_a_session(start_relay, log_format, leaver):
    relay = start_relay(log_format=log_format)
    a, b = relay.pair()
    for _ in range(2):
        a.say(SECRET)
        assert b.hear() == SECRET
    b.say(SECRET)
    assert a.hear() == SECRET
    addresses = [a.address, b.address]
    session = relay.json("/api/v1/sessions")["sessions"][0]["id"]
    leaving, staying = (a, b) if leaver == "first" else (b, a)
    leaving.close()
    assert staying.clean_end() == b""
    lines = eventually(lambda: len(found := relay.log_lines(session)) >= 2 and found, "two lines of the session")
    assert len(lines) == 2
    start, end = lines
    for line in lines:
        for word in [*addresses, "classic"]:
            assert word in line
    assert "peer-closed" not in start
    assert "peer-closed" in end
    if log_format == "json":
        values = json.loads(end)
        assert (values["reason"], values["by"]) == ("peer-closed", leaver)
        assert (values["first_messages"], values["second_messages"]) == (2, 1)
        assert values["seconds"] > 0
        for line in relay.log().splitlines() + relay.output().splitlines():
            assert isinstance(json.loads(line), dict)
        events = [json.loads(line) for line in relay.output().splitlines()]
        assert [event["message"] for event in events] == ["listening", "listening", "ready"]
        assert [event["listener"] for event in events[:2]] == ["classic", "admin"]
        assert {frozenset(event) >= {"time", "level"} for event in events} == {True}
    else:
        assert f"by={leaver} " in end
        assert " first_messages=2 second_messages=1 " in end
        assert " seconds=" in end
    assert SECRET not in relay.log()


def test_log_messages_warns_and_shows_text(start_relay):
    relay = start_relay(log_messages=True)
    eventually(lambda: any("warn" in line.lower() for line in relay.log_lines("log-messages")), "the warning")
    a, b = relay.pair()
    a.say(SECRET)
    assert b.hear() == SECRET
    eventually(lambda: relay.log_lines(SECRET), "the text is logged")


def test_logged_text_cannot_forge_lines(start_relay):
    relay = start_relay(log_messages=True)
    a, b = relay.pair({}, {"bits": 2048})
    a.say("one\ntwo \x1b[2J")
    assert b.hear() == "one\ntwo \x1b[2J"
    line = eventually(lambda: relay.log_lines("one"), "the text is logged")[0]
    assert "two" in line
    assert "\x1b[2J" not in relay.log()


def test_who_was_let_in_by_which_token(start_rooms, tmp_path):
    listed = tmp_path / "access"
    listed.write_text(hashlib.sha256(b"correct-horse").hexdigest() + " alice of sales\n")
    rooms = start_rooms(access="token", access_file=listed)
    client = rooms.wait(access="correct-horse")
    address = "%s:%d" % client.sock.getsockname()
    line = eventually(lambda: rooms.relay.log_lines("access granted"), "it is logged")[0]
    assert f'address={address} name="alice of sales"' in line
    assert rooms.refused(access="battery-staple") == "unauthorized"
    assert len(rooms.relay.log_lines("access granted")) == 1
    assert "correct-horse" not in rooms.relay.log()


def test_a_lost_leg_and_its_return(start_rooms):
    rooms = start_rooms(log_level="debug")
    first, second = rooms.pair()
    session = rooms.relay.json("/api/v1/sessions")["sessions"][0]["id"]
    lost_from = "%s:%d" % second.sock.getsockname()
    second.lose()
    assert first.peer_left()["reason"] == "lost"
    words = f"session={session} place=second leg="
    line = eventually(lambda: rooms.relay.log_lines(" debug leg lost ", words), "the loss is logged")[0]
    assert f" address={lost_from} reason=lost" in line
    again = rooms.back(second)
    again.pair()
    line = eventually(lambda: rooms.relay.log_lines(" debug leg resumed ", words), "the return is logged")[0]
    assert line.endswith(" address=%s:%d" % again.sock.getsockname())
    assert first.room not in rooms.relay.log() and again.newest not in rooms.relay.log()


def test_a_level_that_hides_sessions(start_relay):
    relay = start_relay(log_level="warning")
    a, b = relay.pair()
    session = relay.json("/api/v1/sessions")["sessions"][0]["id"]
    a.close()
    assert b.clean_end() == b""
    relay.wait_for_sessions(0)
    relay.signal(signal.SIGTERM)
    assert relay.exit_status() == 0  # what it had to say has been written
    assert not relay.log_lines(session)
