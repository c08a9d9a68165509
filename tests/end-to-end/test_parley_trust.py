"""A relay that nobody vouches for: asked about once, remembered, and refused when its key has changed."""

import json
import os
import stat

import pytest

from parley_tests import processes
from parley_tests.certificates import Certificate
from parley_tests.terminal import ChatTerminal


@pytest.fixture
def terminal(clients, tmp_path):
    def start(*arguments):
        opened = ChatTerminal(*arguments, env={"XDG_CONFIG_HOME": str(tmp_path / "config")})
        clients.append(opened)
        return opened

    return start


def test_asked_once(double, terminal, tmp_path):
    where = double.endpoint
    known = tmp_path / "config" / "parley" / "known_relays"
    known.parent.mkdir(parents=True)
    known.write_text("# mine\n\nnonsense \x1b[31m")  # without an end of its line
    known.chmod(0o600)
    a = terminal("--relay", where)
    a.sees("line 3, is not HOST:PORT sha256:PIN")
    a.sees("[y/N]")
    a.type("y\r")
    assert "pin=sha256:" + double.pin in a.invite()
    assert known.read_text().splitlines()[3] == f"{where} sha256:{double.pin}"
    assert stat.S_IMODE(known.stat().st_mode) == 0o600
    b = terminal("--relay", where)
    assert "pin=sha256:" + double.pin in b.invite(), "what another machine needs to know is in the invite"
    env = processes.clean_environment(XDG_CONFIG_HOME=str(tmp_path / "config"))
    made = processes.run([processes.program("parley"), "invite", "--relay", where], env=env).stdout
    assert "pin=sha256:" + double.pin in made
    assert "[y/N]" not in b.seen and "\x1b[31m" not in a.seen + b.seen


def test_what_is_remembered_is_its_users_alone(double, terminal, tmp_path):
    usual = os.umask(0)
    try:
        a = terminal("--relay", double.endpoint)
    finally:
        os.umask(usual)
    a.sees("[y/N]")
    a.type("y\r")
    a.invite()
    known = tmp_path / "config" / "parley" / "known_relays"
    assert stat.S_IMODE(known.stat().st_mode) == 0o600
    assert stat.S_IMODE(known.parent.stat().st_mode) == 0o700


def test_a_key_that_has_changed(double, tmp_path):
    where, other = double.endpoint, "sha256:" + "A" * 43
    known = tmp_path / "parley" / "known_relays"
    known.parent.mkdir()
    known.write_text(f"{where} {other}\n")
    env = processes.clean_environment(XDG_CONFIG_HOME=str(tmp_path))
    for command in (["chat", "--relay", where], ["check", where]):
        done = processes.run([processes.program("parley"), *command], env=env, input="")
        assert done.returncode == 3
        assert f"has changed from {other} to sha256:{double.pin}" in done.stderr
        assert f"remove line 1 of {known}" in done.stderr
    done = processes.run(
        [processes.program("parley"), "check", "--pin", "sha256:" + double.pin, where], env=env, input=""
    )
    assert done.returncode == 0, done.stderr


def test_a_pin_in_a_file(double, tmp_path):
    """As a relay of the same machine writes it, --pin-file."""
    pins = tmp_path / "pin"

    def check(*arguments, **env):
        command = [processes.program("parley"), "check", *arguments, double.endpoint]
        return processes.run(command, env=processes.clean_environment(**env), input="")

    for wrong, why in ((None, "No such file"), ("", "bad pin"), ("sha256:short\n", "bad pin"), ("A" * 2000, "longer than")):
        if wrong is not None:
            pins.write_text(wrong)
        done = check("--pin", str(pins))
        assert done.returncode == 2 and str(pins) in done.stderr and why in done.stderr, done.stderr
    pins.write_text(f"sha256:{double.pin}\n")
    assert check("--pin", str(pins)).returncode == check(PARLEY_PIN=str(pins)).returncode == 0
    assert check(PARLEY_PIN="here/pin").returncode == 2, "what a variable means depends on no folder"
    made = processes.run([processes.program("parley"), "invite", "--relay", double.endpoint, "--pin", str(pins)])
    assert "pin=sha256:" + double.pin in made.stdout
    pins.write_text("sha256:" + "A" * 43)
    assert check("--pin", str(pins)).returncode == 3


def test_what_the_user_names_decides(double, tmp_path):
    """Though the relay is known, and whatever else would have vouched for it."""
    (tmp_path / "other").mkdir()
    right, other = double.certificate.certificate, Certificate(tmp_path / "other").certificate
    pin, other_pin = "sha256:" + double.pin, "sha256:" + "A" * 43
    known = tmp_path / "parley" / "known_relays"
    known.parent.mkdir()
    known.write_text(f"{double.endpoint} {pin}\n")

    def check(*arguments, **env):
        env = processes.clean_environment(XDG_CONFIG_HOME=str(tmp_path), **env)
        command = [processes.program("parley"), "check", double.endpoint, "--json", *map(str, arguments)]
        report = json.loads(processes.run(command, env=env, input="").stdout)
        return report.get("trusted_by") or report["error"]

    assert check() == "the pin in known_relays"
    assert check(SSL_CERT_FILE=str(right)) == "this system's authorities"
    assert check("--ca", right) == check(PARLEY_CA=str(right)) == "the authorities of --ca"
    assert check("--pin", pin) == check("--pin", pin, "--ca", other) == check(PARLEY_PIN=pin) == "the pin"
    assert check("--ca", right, PARLEY_PIN=other_pin) == "the authorities of --ca"
    assert "the authorities of --ca do not vouch" in check("--ca", other)
    assert "the authorities of --ca do not vouch" in check(PARLEY_CA=str(other))
    assert "not the one that the pin names" in check("--pin", other_pin, "--ca", right)


def test_authorities_that_were_named_leave_nothing_to_ask(double, terminal, tmp_path):
    (tmp_path / "other").mkdir()
    a = terminal("--relay", double.endpoint, "--ca", str(Certificate(tmp_path / "other").certificate))
    assert "[y/N]" not in a.sees("the authorities of --ca do not vouch")
    assert a.exit_status() == 3


@pytest.mark.parametrize("written", ["LocalHost", "LOCALHOST"])
def test_a_relay_is_the_same_however_its_name_is_written(double, tmp_path, written):
    """To its certificate, to what is remembered of it, and to whom it is passed on."""
    known = tmp_path / "parley" / "known_relays"
    known.parent.mkdir()
    known.write_text(f"Localhost.:{double.port} sha256:{double.pin}\n")  # as an older version wrote it
    relay = f"{written}:{double.port}"

    def parley(*arguments):
        env = processes.clean_environment(XDG_CONFIG_HOME=str(tmp_path))
        done = processes.run([processes.program("parley"), *arguments, "--json"], env=env, input="")
        assert done.returncode == 0, done.stdout
        return json.loads(done.stdout)

    assert parley("check", relay, "--ca", str(double.certificate.certificate))["relay"] == f"localhost:{double.port}"
    assert parley("check", relay)["trusted_by"] == "the pin in known_relays"
    invite = parley("invite", "--relay", relay)["invite"]
    assert invite.startswith(f"parley://localhost:{double.port}/") and double.pin in invite


def test_without_a_terminal_it_is_refused(double, tmp_path):
    where = double.endpoint
    for command in ("chat", "pipe"):
        done = processes.run([processes.program("parley"), command, "--relay", where], input="")
        assert (done.returncode, len(done.stderr.splitlines())) == (3, 1)
        assert "--pin sha256:" + double.pin in done.stderr


def test_the_question_comes_before_the_end(double, terminal):
    a = terminal("--json", "--relay", double.endpoint)
    before = a.sees("[y/N]")
    assert "ended" not in before
    a.type("n\r")
    a.sees("not trusted")
    assert a.exit_status() == 3
    last = json.loads(a.seen.splitlines()[-1])
    assert (last["event"], last["status"]) == ("ended", 3)


@pytest.mark.parametrize("answer", ["Y", "yes", "Yes", "YES", "the pin"])
def test_what_is_a_yes(double, terminal, answer):
    a = terminal("--relay", double.endpoint)
    a.sees("[y/N]")
    a.type(("sha256:" + double.pin if answer == "the pin" else answer) + "\r")
    a.invite()


@pytest.mark.parametrize("answer", ["yess", "yo", "No", "", "sha256:" + "A" * 43, "y" * 200])
def test_what_is_none(double, terminal, answer):
    a = terminal("--relay", double.endpoint)
    a.sees("\nTrust it, now and from now on? [y/N] ")
    a.type(answer + "\r")
    a.sees("not trusted")
    assert a.exit_status() == 3


def test_a_home_that_cannot_be_written(double, clients):
    a = ChatTerminal("--relay", double.endpoint, env={"XDG_CONFIG_HOME": "/proc"})
    clients.append(a)
    a.sees("[y/N]")
    a.type("y\r")
    a.sees("it will be asked again, unless you give --pin sha256:" + double.pin[:4])
    a.sees("or set PARLEY_PIN to that")
    a.invite()


@pytest.mark.parametrize("command", ["chat", "chat --json", "pipe", f"send {__file__}", "receive", "receive --json"])
@pytest.mark.parametrize("meeting", [["--room", "lounge"], []])
def test_that_the_relay_can_read_along_is_said(double, command, meeting, tmp_path):
    arguments = [*command.split(), *double.options, *meeting, "--wait", "1ms"]
    done = processes.run([processes.program("parley"), *arguments], input="", cwd=tmp_path)
    assert done.stderr.count("the relay's operator can read everything") == (1 if meeting else 0), done.stderr


def test_that_the_relay_can_read_along_is_said_in_classic(relay):
    command = [processes.program("parley"), "classic", "%s:%d" % relay.classic, "--wait", "1ms"]
    done = processes.run(command, input="")
    assert "the relay's operator can read everything" in done.stderr


@pytest.mark.needs_root
def test_authorities_of_another_distribution(double):
    """OpenSSL's own places are empty: there is no list at all, then one where Alpine has it."""

    def check(bundle=""):
        script = (
            "mount -t tmpfs none /etc/ssl && mount -t tmpfs none /usr/lib/ssl || exit 77; "
            '[ -z "$0" ] || cp "$0" /etc/ssl/cert.pem; exec "$@"'
        )
        env = {name: text for name, text in processes.clean_environment().items() if not name.startswith("SSL_CERT_")}
        command = [processes.program("parley"), "check", double.endpoint]
        done = processes.run(["unshare", "-m", "sh", "-c", script, str(bundle), *command], env=env, input="")
        if done.returncode in (1, 77) and "parley" not in done.stderr:
            pytest.skip(f"mount namespaces are not permitted here: {done.stderr}")
        return done

    refused = check()
    assert refused.returncode == 3
    assert "this system has no list of authorities: install its package ca-certificates" in refused.stderr
    assert f"--pin sha256:{double.pin}" in refused.stderr
    trusted = check(double.certificate.certificate)
    assert trusted.returncode == 0 and "this system's authorities" in trusted.stdout, trusted.stderr
