"""What a user has set for good: by `parley config` or an editor, for every command that has the option."""

import hashlib
import json
import stat

import pytest

from parley_tests import processes
from parley_tests.certificates import Certificate
from parley_tests.programs import new_invite
from parley_tests.terminal import ChatTerminal, Terminal


class User:
    def __init__(self, folder):
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()
        self.file = self.home / ".config" / "parley" / "config.toml"

    def environment(self, **more):
        return processes.clean_environment(XDG_CONFIG_HOME="", PARLEY_NAME="", HOME=str(self.home)) | more

    def __call__(self, *arguments, env=(), status=0, text=""):
        command = [processes.program("parley"), *map(str, arguments)]
        done = processes.run(command, env=self.environment(**dict(env)), input=text, cwd=self.folder)
        assert done.returncode == status, done.stderr
        return done.stdout if status == 0 else done.stderr

    def sets(self, **values):
        for name, value in values.items():
            self("config", "set", name.replace("_", "-"), value)

    def terminal(self, clients, *arguments, kind=Terminal, env=()):
        opened = kind(*arguments, env={"XDG_CONFIG_HOME": "", "PARLEY_NAME": "", "HOME": str(self.home)} | dict(env))
        clients.append(opened)
        return opened


@pytest.fixture
def user(tmp_path):
    return User(tmp_path)


def test_send_and_receive_are_whole_commands(user, double, clients, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "report.txt").write_text("all is well\n")
    user.sets(relay=double.endpoint, pin="sha256:" + double.pin, into=tmp_path / "in")
    sender = user.terminal(clients, "send", str(tmp_path / "report.txt"))
    invite = sender.sees_like(r"parley receive '([^']+)'").group(1)
    user("receive", invite)
    assert sender.exit_status() == 0
    assert (tmp_path / "in" / "report.txt").read_text() == "all is well\n"


def test_an_option_outranks_a_variable_and_that_the_file(user, double, clients, tmp_path):
    pin = "sha256:" + double.pin
    user.sets(relay=double.endpoint, pin=pin, name="of-the-file", bell="never")

    def name_of(*arguments, **env):
        invite = tmp_path / "invite"
        invite.write_text(new_invite(double.pin)(double.address))
        command = [processes.program("parley"), "chat", "--json", "--invite-file", str(invite)]
        other = processes.start(command, stdin=-1, stdout=-1, text=True)
        user("chat", "--invite-file", invite, "--linger", "0", *arguments, env=env, text="hi\n")
        events = [json.loads(line) for line in other.communicate("")[0].splitlines()]
        return next(event["name"] for event in events if event["event"] == "came")

    assert name_of() == "of-the-file"
    assert name_of(PARLEY_NAME="of-the-variable") == "of-the-variable"
    assert name_of("--name", "of-the-option", PARLEY_NAME="of-the-variable") == "of-the-option"
    assert name_of("--name", "none", PARLEY_NAME="of-the-variable") == ""
    wrong = user("chat", "--invite-file", "x", env={"PARLEY_BELL": "loud"}, status=2)
    assert wrong.startswith("parley: PARLEY_BELL: ") and "none of never, idle and always" in wrong
    user("chat", "--bell", "loud", status=2)


def test_what_the_file_trusts_is_the_least_of_what_the_user_names(user, double, tmp_path):
    (tmp_path / "other").mkdir()
    right, other = double.certificate.certificate, Certificate(tmp_path / "other").certificate
    pin, wrong_pin = "sha256:" + double.pin, "sha256:" + "A" * 43

    def trusts(*arguments, status=0, **env):
        text = user("check", "--json", *arguments, env=env, status=status) if status == 0 else user(
            "check", *arguments, env=env, status=status
        )
        return json.loads(text)["trusted_by"] if status == 0 else text

    user.sets(relay=double.endpoint, pin=pin)
    assert trusts() == "the pin", "without naming the relay either"
    assert trusts("--ca", right) == trusts(PARLEY_CA=str(right)) == "the authorities of --ca"
    assert "do not vouch" in trusts("--ca", other, status=3)
    assert "do not vouch" in trusts(PARLEY_CA=str(other), status=3)
    user.sets(pin=wrong_pin)
    assert f"is not the one that the pin of {user.file}, line 2 names" in trusts(status=3)
    assert trusts("--pin", pin) == trusts(PARLEY_PIN=pin) == "the pin"
    invite = user("invite").strip()
    assert wrong_pin in invite, "the pin of the file is in invites for its relay"
    user("config", "unset", "pin")
    user.sets(ca=right)
    assert trusts() == "the authorities of --ca"


def test_what_belongs_to_the_relay_of_the_file_is_for_no_other(user, start_rooms, tmp_path):
    """Else an invite to another relay could not be used, or would lead a token there."""
    user.sets(relay="relay.example", pin="sha256:" + "A" * 43)
    (tmp_path / "token").write_text("correct-horse\n")
    listed = tmp_path / "access"
    listed.write_text(hashlib.sha256(b"correct-horse").hexdigest() + " somebody\n")
    rooms = start_rooms(access="token", access_file=listed)
    relay, pin = "%s:%d" % rooms.address, "sha256:" + rooms.pin
    assert "vouches" in user("check", relay, status=3)
    assert user("invite", "--relay", relay).count("pin=") == 0
    user.sets(access_file="token")  # made whole, as the shell would
    assert "access token" in user("check", relay, "--pin", pin, status=4)
    user.sets(relay=relay, pin=pin)
    assert "is well" in user("check")
    assert "access token" in user("check", env={"PARLEY_ACCESS_TOKEN": "wrong"}, status=4)


def test_config_shows_and_changes(user):
    assert user("config", "path") == f"{user.file}\n"
    assert user("config", "get", "relay", status=1) == ""
    user.sets(relay="relay.example", name='Ann "B"')
    assert stat.S_IMODE(user.file.stat().st_mode) == 0o600
    user.file.write_text("# mine\n" + user.file.read_text())
    user.sets(relay="other.example")
    assert user.file.read_text() == '# mine\nrelay = "other.example"\nname = "Ann \\"B\\""\n'
    assert user("config", "get", "name") == 'Ann "B"\n'
    shown = user("config", "list", env={"PARLEY_WAIT": "1m"})
    assert f'relay = "other.example"  # {user.file}, line 2\n' in shown
    assert 'wait = "1m"  # PARLEY_WAIT\n' in shown and "# into is not set\n" in shown
    user("config", "unset", "name")
    assert user.file.read_text() == '# mine\nrelay = "other.example"\n'
    done = processes.run(
        [processes.program("parley"), "config", "set", "relay", "a.example"],
        env=user.environment(PARLEY_RELAY="b.example"),
    )
    assert (done.returncode, done.stderr) == (0, "parley: PARLEY_RELAY is set too, and outranks the file\n")


def test_of_many_changes_at_once_none_is_lost(user):
    names = {"name": "ann", "timeout": "10s", "wait": "1m", "linger": "2s", "bell": "never", "qr": "true"}
    for turn in range(3):
        values = names | {"name": f"ann {turn}", "wait": f"{turn + 1}m"}
        both = [
            processes.start([processes.program("parley"), "config", "set", name, value], env=user.environment())
            for name, value in values.items()
        ]
        assert [one.wait(60) for one in both] == [0] * len(both)
        assert {name: user("config", "get", name).rstrip("\n") for name in values} == values


def test_a_relay_that_takes_over_what_was_anothers(user):
    user.sets(relay="a.example", pin="sha256:" + "A" * 43)
    done = processes.run([processes.program("parley"), "config", "set", "relay", "b.example"], env=user.environment())
    assert done.stderr == "parley: pin is for b.example now; if it was a.example's: parley config unset pin\n"
    assert "pin belongs to a relay" in user("config", "unset", "relay", status=1)


def test_a_mistake_in_the_file_stops_what_it_could_mislead(user):
    user.file.parent.mkdir(parents=True)
    user.file.write_text('\nrealy = "relay.example"\n')
    says = f'parley: {user.file}, line 2: there is no setting "realy"; did you mean relay?\n'
    for command in (["chat"], ["send", __file__], ["check", "localhost"], ["invite", "--relay", "localhost"],
                    ["config", "list"], ["config", "set", "name", "ann"]):  # fmt: skip
        assert user(*command, status=2) == says, command
    user("config", "path")
    user("completion", "bash")
    user("--version")


def test_the_name_is_that_of_the_login_and_shown_before_it_is_sent(user, double, clients):
    login = processes.login_name()
    options = [*double.options, "--bell", "never"]
    alice = user.terminal(clients, *options, kind=ChatTerminal)
    if login:
        before = alice.sees(f"the other side sees you as {login}; --name NAME or --name none changes that")
        assert "parley://" not in before
    invite = alice.invite()
    assert login or "sees you as" not in alice.seen
    bob = user.terminal(clients, "--name", "none", invite, kind=ChatTerminal)
    bob.sees(f"{login or 'the other side'} is there")
    alice.sees("the other side is there")
    assert "sees you as" not in bob.seen
    user.sets(name="ann")
    carol = user.terminal(clients, *options, kind=ChatTerminal)
    carol.invite()
    assert "sees you as" not in carol.seen, "who has set it knows it"


@pytest.mark.parametrize("command", ["chat", "chat --json", "pipe", f"send {__file__}"])
def test_who_does_not_watch_gives_no_name(user, double, command):
    done = processes.run(
        [processes.program("parley"), *command.split(), *double.options, "--wait", "1ms"],
        env=user.environment(), input="",
    )  # fmt: skip
    assert "sees you as" not in done.stderr + done.stdout
