"""`parley check`, `invite` and `completion`; and the sentence and the exit status of everything that may be wrong with a
relay or an invite."""

import contextlib
import hashlib
import json
import re
import shutil
import socket
import ssl
import subprocess
import threading

import pytest

from parley_tests import processes
from parley_tests.certificates import Certificate
from parley_tests.lying_relay import LyingRelay
from parley_tests.programs import new_invite

PARLEY = [processes.program("parley")]


def parley(*arguments, **options):
    return processes.run([*PARLEY, *map(str, arguments)], **{"input": ""} | options)


def address(relay):
    return "127.0.0.1:%d" % relay.port


def refused(status, *words, of):
    assert of.returncode == status, of.stderr
    assert len(of.stderr.splitlines()) == 1, of.stderr  # one sentence
    assert of.stderr.startswith("parley: ")
    for word in words:
        assert word in of.stderr


def test_a_relay_that_is_well(double):
    done = parley("check", address(double), "--pin", double.pin, "--json")
    assert done.returncode == 0, done.stdout
    report = json.loads(done.stdout)
    assert report["ok"] and report["pin"] == "sha256:" + double.pin and report["address"] == address(double)
    assert all(report[time] >= 0 for time in ("lookup_ms", "tcp_ms", "tls_ms", "pairing_ms", "round_trip_ms"))
    for_people = parley("check", f"localhost:{double.port}", "--ca", double.certificate.certificate)
    assert for_people.returncode == 0 and "is well" in for_people.stdout


@pytest.mark.parametrize("of", ["parleyd", "double"])
def test_a_place_whose_connection_was_lost_is_given_back(of, request):
    relay = request.getfixturevalue("parleyd_rooms" if of == "parleyd" else "double")
    done = parley("check", "%s:%d" % relay.address, "--pin", relay.pin, "--resume", "--json")
    assert done.returncode == 0, done.stdout
    report = json.loads(done.stdout)
    assert report["ok"] and report["resume_ms"] >= 0
    for_people = parley("check", "%s:%d" % relay.address, "--pin", relay.pin, "--resume")
    assert for_people.returncode == 0 and "resuming" in for_people.stdout


def test_relays_that_are_not_to_be_trusted(double, clients, tmp_path):
    other_pin = "sha256:" + "A" * 43
    refused(3, "vouches", "--pin sha256:" + double.pin, of=parley("check", address(double)))
    refused(3, "sha256:" + double.pin, "in between", of=parley("check", address(double), "--pin", other_pin))
    refused(2, "bad pin", of=parley("check", address(double), "--pin", "sha256:short"))
    refused(2, "no-such-file", of=parley("check", address(double), "--ca", "no-such-file"))

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    relay = LyingRelay(directory=elsewhere)
    relay.certificate = Certificate(elsewhere, subject_alternatives="DNS:elsewhere.example")
    clients.append(relay.start())
    ca = relay.certificate.certificate
    refused(3, "elsewhere.example", of=parley("check", address(relay), "--ca", ca))

    expired = tmp_path / "expired"
    expired.mkdir()
    relay = LyingRelay(directory=expired)
    relay.certificate.expire()
    clients.append(relay.start())
    refused(3, "expired on 2020-02-01", of=parley("check", address(relay), "--ca", relay.certificate.certificate))


def test_what_is_not_a_relay(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as web:

        def answer():
            with web.accept()[0] as connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=answer).start()
        refused(3, "does not speak TLS", of=parley("check", "127.0.0.1:%d" % web.getsockname()[1]))
    certificate = Certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.certificate, certificate.key)
    with socket.create_server(("127.0.0.1", 0)) as web:

        def greet():
            with web.accept()[0] as connection, contextlib.suppress(OSError):
                context.wrap_socket(connection, server_side=True).recv(1000)

        threading.Thread(target=greet).start()
        where = "127.0.0.1:%d" % web.getsockname()[1]
        refused(3, "speaks TLS, but not relay/1", of=parley("check", where, "--ca", certificate.certificate))
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        refused(3, "refused", of=parley("check", "127.0.0.1:%d" % unused.getsockname()[1]))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        done = parley("check", "127.0.0.1:%d" % silent.getsockname()[1], "--timeout", "3s")
        refused(3, "did not answer", of=done)
    # Or the machine's name servers, where there are none, may take as long as the client waits.
    env = processes.clean_environment(RES_OPTIONS="timeout:1 attempts:1")
    refused(3, "cannot find", of=parley("check", "no-such-host.invalid", env=env))


@pytest.mark.parametrize(
    "code, status, word",
    [
        ("room-full", 4, "new invite"),
        ("unauthorized", 4, "access token"),
        ("ended-by-operator", 4, "operator"),
        ("a-word-of-tomorrow", 4, "the test says so"),
        ("bad-hello", 1, "did not understand"),
    ],
)
def test_what_a_relay_may_answer(double, tmp_path, code, status, word):
    invite = tmp_path / "invite"
    invite.write_text(new_invite(double.pin)(double.address))
    double.command(f"refuse {code}")
    refused(status, word, of=parley("pipe", "--invite-file", invite))


def test_an_answer_that_says_later(double):
    double.command("refuse overloaded 0")
    done = parley("check", address(double), "--pin", double.pin)
    assert done.returncode == 0, done.stderr


def test_a_relay_that_lets_no_message_through(double):
    for number in range(3, 12):  # those before are the greetings'
        double.command(f"drop first {number}")
        double.command(f"drop second {number}")
    refused(1, "did not get through", of=parley("check", address(double), "--pin", double.pin, "--timeout", "4s"))


def test_the_access_token_of_the_environment_is_for_the_relay_that_its_user_has_named(start_rooms, tmp_path):
    listed = tmp_path / "access"
    listed.write_text(hashlib.sha256(b"correct-horse").hexdigest() + " somebody\n")
    rooms = start_rooms(access="token", access_file=listed)
    relay, pin = "%s:%d" % rooms.address, "sha256:" + rooms.pin
    env = processes.clean_environment(PARLEY_ACCESS_TOKEN="correct-horse")
    done = parley("check", relay, "--pin", pin, env=env)
    assert done.returncode == 0, done.stderr
    invite = tmp_path / "invite"
    invite.write_text(new_invite(rooms.pin)(rooms.address))
    refused(4, "access token", of=parley("pipe", "--invite-file", invite, env=env))
    env["PARLEY_RELAY"] = relay
    command = [*PARLEY, "pipe", "--invite-file", str(invite)]
    both = [processes.start(command, env=env, stdin=-3, stdout=-3, stderr=-1) for _ in range(2)]
    for process in both:
        errors = process.stderr.read().decode()
        assert process.wait(60) == 0, errors


def test_invites():
    made = parley("invite", "--relay", "relay.example:443").stdout.strip()
    assert re.fullmatch(r"parley://relay\.example:443/[\w-]{22}#[\w-]{22}", made)
    assert "parley://xn--bcher-kva.example/" in parley("invite", "--relay", "Bücher.Example.").stdout
    assert json.loads(parley("invite", "--relay", "relay.example", "--json").stdout)["invite"] != made
    assert "▄" in parley("invite", "--relay", "relay.example", "--qr").stdout
    refused(2, "which relay", of=parley("invite"))
    refused(2, "bad invite", "secret", of=parley("chat", made[:-1]))
    refused(2, "bad invite", of=parley("pipe", "-", input="parly://x\n"))
    assert made.partition("#")[2][:-1] not in parley("chat", made[:-1]).stderr


def test_another_secret(double, tmp_path):
    processes_ = []
    for number in range(2):
        invite = tmp_path / str(number)
        invite.write_text(new_invite(double.pin, room="A" * 22)(double.address))
        command = [*PARLEY, "chat", "--invite-file", str(invite)]
        processes_.append(processes.start(command, stdin=subprocess.PIPE, stdout=-3, stderr=-1))
    for process in processes_:
        errors = process.stderr.read().decode()
        assert process.wait(60) == 4, errors
        assert "another invite" in errors
        process.stdin.close()


def test_nobody_comes(double):
    done = parley("pipe", "--relay", address(double), "--pin", double.pin, "--wait", "3s", stdin=None)
    assert done.returncode == 1
    assert done.stderr.endswith("parley: nobody came within 3s\n")


def test_the_environment_does_not_overrule_an_invite(double, tmp_path):
    """Who has a relay of their own in the environment may be invited to another."""
    env = processes.clean_environment(PARLEY_RELAY="127.0.0.1:1", PARLEY_PIN="sha256:" + "A" * 43)
    refused(3, "127.0.0.1:1", of=parley("pipe", env=env))
    invite = tmp_path / "invite"
    invite.write_text(new_invite(double.pin)(double.address))
    command = [*PARLEY, "pipe", "--invite-file", str(invite), "--timeout", "0"]  # no limit
    both = [processes.start(command, env=env, stdin=-3, stdout=-3, stderr=-1) for _ in range(2)]
    for process in both:
        errors = process.stderr.read().decode()
        assert process.wait(60) == 0, errors
    refused(3, "not the one", of=parley("check", address(double), env=env))


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("chta", "there is no command chta; did you mean chat?"),
        ("parley://127.0.0.1/abc", "an invite goes behind a command: parley chat INVITE"),
        ("chat --relya x", "The following argument was not expected: --relya; did you mean --relay?"),
        ("chat --bell sometimes", '--bell: "sometimes" is none of never, idle and always; try parley chat --help'),
        ("completion csh", 'shell: "csh" is none of bash, zsh and fish; try parley completion --help'),
        ("check", "which relay? parley check HOST[:PORT]\n"),
        ("classic", "which relay? parley classic HOST[:PORT]\n"),
        ("send", "which files? Name them, or folders; --text sends a text, - with --as NAME what comes on"),
        ("check parley://127.0.0.1/abc", "that is an invite; give the host that it names"),
        ("invite --relay [fe80::1%lo]", "no invite can name the relay [fe80::1%lo]:10443: its zone means something on"),
        ("chat --relay fe80::1%lo", "no invite can name the relay [fe80::1%lo]:10443: its zone means something on"),
        ("send /etc/hosts --relay fe80::1%lo", "no invite can name the relay [fe80::1%lo]:10443: its zone means"),
        ("check https://relay.example/", "a relay is a host, not an address of the web or a mail; write relay.example\n"),
        ("classic tcp://relay.example:10000", "write relay.example:10000\n"),
        ("config", "which action? parley config get|set|unset|list|path\n"),
        ("config set relay", "to what? parley config set relay VALUE\n"),
        ("config get", "which setting? parley config get NAME; parley config --help has them all\n"),
        ("config get relayy", 'there is no setting "relayy"; did you mean relay?\n'),
        ("config set bell loud", 'bell: "loud" is none of never, idle and always\n'),
        ("config list relay", "parley config list takes no NAME\n"),
        ("config get relay --json", "parley config get takes no --json; config list does\n"),
        ("check ☕.example", "no internationalized name can be that: string contains a disallowed character"),
        ("classic ☕.example", "no internationalized name can be that: string contains a disallowed character"),
        ("invite --relay a/b", 'bad relay "a/b": a host\'s name is of letters, digits, hyphens and full stops'),
    ],
)
def test_mistakes_on_the_command_line(command, says):
    refused(2, says, of=parley(*command.split()))


@pytest.mark.parametrize(
    ("words", "meant"),
    [("help", "--help"), ("help chat", "chat --help"), ("version", "--version"), ("-V", "--version")],
)
def test_words_for_help(words, meant):
    done = parley(*words.split())
    assert (done.returncode, done.stdout) == (0, parley(*meant.split()).stdout)


def test_parley_alone_lists_the_commands():
    done = parley()
    assert (done.returncode, done.stdout) == (2, "")
    for command in ("chat", "send", "receive", "config"):
        assert f"\n  {command} " in done.stderr
    assert len(done.stderr.splitlines()) < 24 and "parley COMMAND --help" in done.stderr


COMMANDS = ["chat", "send", "receive", "pipe", "invite", "check", "classic", "config", "completion"]


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_a_terminal_and_has_examples(command):
    text = parley(*command.split(), "--help").stdout
    assert [line for line in text.splitlines() if len(line) > 80] == []
    assert text.startswith(f"usage: parley {command or 'COMMAND'}".rstrip())
    assert f"\n  parley {command}" in text, "an example"


def test_help_is_in_groups_and_says_variables_and_defaults():
    text = parley("chat", "--help").stdout
    own, _, others = text.partition("Where to meet:")
    assert "--bell WHEN" in own and "--relay HOST[:PORT]" in others
    trust = others.partition("Whom to trust")[2]
    assert "--pin PIN" in trust.partition("What is shown:")[0]
    for words in ("PARLEY_NAME", "[PARLEY_BELL, default idle]", "[PARLEY_TIMEOUT, default 10s]"):
        assert words in " ".join(text.split()), words
    assert "PARLEY" not in parley("classic", "--help").stdout.partition("--key-bits")[0]


@pytest.mark.parametrize("port, hint", [(443, "port 443 is the web's, relay/1's is 10443"), (10000, "parley classic")])
def test_a_port_that_is_anothers(port, hint):
    """Where it is spoken by whoever has it, if anybody: the sentence says so then."""
    try:
        with socket.create_server(("127.0.0.1", port)) as other:
            done = parley("check", f"127.0.0.1:{port}", "--timeout", "1s")
            other.close()
    except OSError as error:
        pytest.skip(f"port {port}: {error}")
    refused(3, "did not answer", hint, of=done)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions(shell):
    done = parley("completion", shell)
    assert done.returncode == 0
    assert "pipe" in done.stdout and "invite-file" in done.stdout
    if shell == "fish":
        assert "-d 'Standard input to the other\\'s standard output, and back, until both have ended'" in done.stdout
        assert "-l bell -x -a 'never idle always'" in done.stdout
    if shell == "bash":
        asked = done.stdout + '\nCOMP_WORDS=(parley chat --inv) COMP_CWORD=2; _parley; echo "${COMPREPLY[@]}"'
        assert processes.run(["bash", "-c", asked]).stdout.strip() == "--invite-file"
        asked = done.stdout + '\nCOMP_WORDS=(parley chat --bell i) COMP_CWORD=3; _parley; echo "${COMPREPLY[@]}"'
        assert processes.run(["bash", "-c", asked]).stdout.strip() == "idle"
    if shell == "zsh":
        # Loaded from a file at the first Tab, its whole text is the function; read by eval, it is to be known.
        last = done.stdout.partition("\nif [[ $funcstack[1] == _parley ]]; then\n")[2]
        assert last.split() == ["_parley", '"$@"', "else", "compdef", "_parley", "parley", "fi"]


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
def test_the_completions_of_zsh_work_at_the_first_tab(tmp_path):
    (tmp_path / "_parley").write_text(parley("completion", "zsh").stdout)
    # compadd needs a line being edited: one that tells what it is given stands for it.
    script = """fpath=($1) words=(parley --) CURRENT=2
        compadd() { print -r -- "$@" }
        autoload -U _parley
        _parley"""
    done = processes.run(["zsh", "-f", "-c", script, "zsh", str(tmp_path)])
    assert "send" in done.stdout.split(), done.stderr


def test_the_completions_know_the_relays(tmp_path):
    """As they are typed: without the port that is taken anyway. bash cuts those with one into words."""
    known = tmp_path / "parley" / "known_relays"
    known.parent.mkdir()
    pin = "sha256:" + "A" * 43
    known.write_text(f"relay.example:10443 {pin}\nrelay.example:443 {pin}\n[::1]:10443 {pin}\n")
    (known.parent / "config.toml").write_text('relay = "mine.example"\n')
    env = processes.clean_environment(XDG_CONFIG_HOME=str(tmp_path))
    done = parley("completion", "relays", env=env)
    assert done.stdout.split() == ["mine.example", "relay.example", "relay.example:443", "[::1]"]
    script = parley("completion", "bash").stdout

    def completed(*words):
        typed = " ".join(f"'{word}'" for word in ("parley", *words))
        asked = f"{script}\nCOMP_WORDS=({typed}) COMP_CWORD={len(words)}; _parley; echo \"${{COMPREPLY[@]}}\""
        path = f"{PARLEY[0].rpartition('/')[0]}:{env['PATH']}"
        return processes.run(["bash", "-c", asked], env=env | {"PATH": path}).stdout.split()

    assert completed("chat", "--relay", "mi") == completed("check", "mi") == ["mine.example"]
    assert completed("chat", "--relay", "relay.example", ":") == ["443"]
    assert completed("send", "--relay", "relay.example", ":", "4") == ["443"]
    assert completed("config", "un") == ["unset"]
    assert completed("config", "set", "rel") == ["relay"]


def test_help_says_how_completions_are_installed():
    text = parley("completion", "--help").stdout
    for line in (
        "parley completion bash >~/.local/share/bash-completion/completions/parley",
        "parley completion zsh >~/.zfunc/_parley",
        "parley completion fish >~/.config/fish/completions/parley.fish",
    ):
        assert line in text
    assert all(len(line) <= 80 for line in text.splitlines())
