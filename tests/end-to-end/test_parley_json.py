"""What `parley` says to programs with --json, and what they say to a chat: all of it is in docs/events.schema.json."""

import json
import signal

import jsonschema
import pytest

from parley_tests import processes
from parley_tests.chat_client import Kind
from parley_tests.programs import Program, new_invite
from parley_tests.transfers import make_file
from parley_tests.waiting import eventually

SCHEMA = json.loads((processes.ROOT / "docs" / "events.schema.json").read_text())
OUTPUT = jsonschema.Draft202012Validator(SCHEMA)
INPUT = jsonschema.Draft202012Validator(SCHEMA | {"oneOf": SCHEMA["$defs"]["input"]["oneOf"]})


def checked(output):
    """The events of this output, each as the schema has it, and with no member that it does not have."""
    events = [json.loads(line) for line in output.splitlines()]
    for event in events:
        OUTPUT.validate(event)
        assert event.keys() <= SCHEMA["$defs"]["output_" + event["event"]]["properties"].keys(), event
    return events


def events(program, kind=None):
    return [event for event in checked(program.output().decode()) if kind in (None, event["event"])]


def say(program, event, **members):
    INPUT.validate({"event": event} | members)
    program.type(json.dumps({"event": event} | members))


def sees(program, kind):
    """The last event of that kind that it has told, or tells soon."""

    def told():
        whole_lines = program.output().decode().rpartition("\n")[0]
        return [event for event in checked(whole_lines) if event["event"] == kind]

    return eventually(told, lambda: f"{kind}: {program.output().decode()[-2000:]}")[-1]


@pytest.fixture
def chats(double, clients, tmp_path):
    """Two chats that are told what to do by events, in a folder of their own each."""
    invite = new_invite(double.pin)(double.address)
    both = []
    for name in ("ann", "bob"):
        both.append(Program("chat", "--json", "--json-input", "--name", name, invite=invite, directory=tmp_path))
        clients.append(both[-1])
    for program in both:
        sees(program, "came")
    return both


def test_the_schema_is_one_and_the_manual_has_its_events():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    manual = (processes.ROOT / "docs" / "parley.1").read_text()
    for name, event in SCHEMA["$defs"].items():
        if name.startswith(("output_", "input_")):
            assert event["properties"]["event"]["const"] in manual
            assert not [member for member in event["properties"] if member not in manual], name


def test_a_chat_by_events(chats, double, tmp_path):
    a, b = chats
    say(a, "text", text="three\nlines, \u001b[2J\nof one text")
    assert sees(b, "text")["text"] == "three\nlines, \x1b[2J\nof one text"
    sees(a, "acknowledged")
    say(b, "name", name="Bobby")
    eventually(lambda: "bob is now Bobby" in a.output().decode())
    double.command("refuse-all overloaded 1")
    double.command("cut")
    eventually(lambda: [e for e in events(a, "status") if e.get("reason") == "the relay is full"], a.output)
    double.command("admit")
    source = make_file(tmp_path / "file", 1000)
    say(a, "send", paths=[str(source)])
    assert sees(b, "offered")["files"] == 1
    (tmp_path / "in").mkdir()
    say(b, "accept", folder=str(tmp_path / "in"))
    assert sees(a, "done")["sha256"] == sees(b, "done")["sha256"]
    assert (tmp_path / "in" / "file").read_bytes() == source.read_bytes()
    say(b, "send", paths=[str(source)])
    sees(a, "offered")
    say(a, "decline")
    assert sees(b, "failed")["by"] == "other"
    say(a, "leave")
    assert (a.exit_status(), b.exit_status()) == (0, 0)
    sees(b, "left")
    for program in chats:
        assert events(program)[-1] == events(program)[-1] | {"event": "ended", "status": 0, "outcome": "done"}


@pytest.mark.parametrize(
    "line, why",
    [
        ("hello", "no JSON object"),
        ("[]", "no JSON object"),
        ('{"event": 1}', "no JSON object"),
        ('{"event": "shout"}', "no event of that name"),
        ('{"event": "text"}', "needs the string"),
        ('{"event": "text", "text": "\\ud800"}', "no JSON object"),
        ('{"event": "name", "name": ""}', "1 to 64 bytes"),
        ('{"event": "name", "name": "%s"}' % ("x" * 65), "1 to 64 bytes"),
        ('{"event": "send", "paths": []}', "array of strings"),
        ('{"event": "accept", "folder": 1}', "no string"),
    ],
)
def test_a_line_that_is_no_event_is_rejected_and_nothing_else(chats, line, why):
    a, b = chats
    say(a, "text", text="before")
    a.type(line)
    say(a, "text", text="behind")
    rejected = sees(a, "rejected")
    assert rejected["line"] == 2 and why in rejected["reason"]
    say(a, "leave")
    assert (a.exit_status(), b.exit_status()) == (0, 0)
    assert [event["text"] for event in events(b, "text")] == ["before", "behind"]


def test_a_long_text_of_many_escapes(chats):
    a, b = chats
    text = "\x01" * 65536
    say(a, "text", text=text)
    assert sees(b, "text")["text"] == text
    say(a, "leave")
    b.exit_status()


def test_a_chat_that_is_lost_or_stopped(double, clients, tmp_path, meet):
    chat, other, room = meet("chat", "--json")
    chat.type("not acknowledged")
    assert other.until(Kind.TEXT, acknowledges=False) == b"not acknowledged"
    room.bye()
    assert chat.exit_status() == 1
    assert events(chat, "uncertain")[0]["text"] == "not acknowledged"
    assert events(chat)[-1]["outcome"] == "partner-gone"
    chat, other, room = meet("chat", "--json")
    sees(chat, "came")
    chat.signal(signal.SIGTERM)
    assert chat.exit_status() == 128 + signal.SIGTERM
    assert events(chat)[-1] == events(chat)[-1] | {"status": 128 + signal.SIGTERM, "outcome": "interrupted"}


def test_files(double, clients, tmp_path):
    folder = tmp_path / "out"
    make_file(folder / "a", 300_000)
    make_file(folder / "b", 10)
    (folder / "link").symlink_to("a")
    there = tmp_path / "in"
    (there / "out").mkdir(parents=True)
    (there / "out" / "b").write_text("another")
    receiver = Program("receive", "--into", str(there), "--json", *double.options, directory=tmp_path)
    clients.append(receiver)
    invite = sees(receiver, "invite")["invite"]
    sender = Program("send", str(folder), "--json", invite=invite, directory=tmp_path)
    clients.append(sender)
    assert (sender.exit_status(), receiver.exit_status()) == (1, 1)
    for program in (sender, receiver):
        told = {event["event"] for event in events(program)}
        assert told >= {"status", "started", "done", "failed", "progress", "ended"}
        assert events(program)[-1]["outcome"] == "done"
    assert events(sender, "skipped")


@pytest.mark.parametrize(
    "command, status",
    [
        (["chat", "--json", "nonsense"], 2),
        (["send", "--json", __file__, "--relay", "a b"], 2),
        (["receive", "--json", "nonsense"], 2),
        (["invite", "--json"], 2),
        (["invite", "--json", "--relay", "a b"], 2),
    ],
)
def test_what_does_not_begin_has_ended(command, status):
    done = processes.run([processes.program("parley"), *command], input="")
    event = checked(done.stdout)[-1]
    assert event == event | {"event": "ended", "status": status, "outcome": "failed"}
    assert done.returncode == status and event["reason"] in done.stderr


def test_what_is_set(tmp_path):
    file = tmp_path / "parley" / "config.toml"
    file.parent.mkdir()
    file.write_text('# mine\nname = "Ann"\n')
    environment = processes.clean_environment(XDG_CONFIG_HOME=str(tmp_path), PARLEY_NAME="", PARLEY_WAIT="1m")
    done = processes.run([processes.program("parley"), "config", "list", "--json"], env=environment)
    told = {event["name"]: (event.get("value"), event.get("origin")) for event in checked(done.stdout)}
    assert told["name"] == ("Ann", f"{file}, line 2")
    assert told["wait"] == ("1m", "PARLEY_WAIT")
    assert told["relay"] == (None, None)


def test_invite_and_check(double):
    parley = processes.program("parley")
    (invite,) = checked(processes.run([parley, "invite", "--json", *double.options]).stdout)
    assert invite["invite"].startswith("parley://")
    endpoint = "%s:%d" % double.address
    (good,) = checked(processes.run([parley, "check", "--json", "--pin", double.pin, endpoint]).stdout)
    assert good["ok"]
    bad = processes.run([parley, "check", "--json", "--pin", "A" * 43, endpoint])
    (event,) = checked(bad.stdout)
    assert (event["ok"], event["status"], event["cause"]) == (False, bad.returncode, "wrong-pin")
