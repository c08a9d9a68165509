"""What parleyd says when it starts, and when it cannot."""

import re
import signal
import socket
import subprocess

import pytest

from parley_tests import openssl, processes
from parley_tests.certificates import Certificate
from parley_tests.clients import BlockClient
from parley_tests.ports import lasting_port
from parley_tests.waiting import PATIENCE, eventually

RELAY_ALONE_ARGUMENTS = ["--classic-listen", "none", "--relay-listen", "127.0.0.1:0", "--admin-listen", "none"]


def parleyd(*arguments, **env):
    return processes.run(
        [processes.program("parleyd"), *arguments], env=processes.clean_environment(**env), timeout=90
    )


def assert_one_line(done, status, *words):
    """One line on standard error: what, why and the remedy."""
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("parleyd: ")
    assert ";" in lines[0]
    for word in words:
        assert word in lines[0]
    return lines[0]


def test_a_line_per_listener_then_ready(start_relay):
    relay = start_relay(classic_listen=["127.0.0.1:0", "127.0.0.1:0", "[::1]:0"])
    lines = relay.output().splitlines()
    assert [re.sub(r"\d+$", "PORT", line) for line in lines] == [
        "classic 127.0.0.1:PORT",
        "classic 127.0.0.1:PORT",
        "classic [::1]:PORT",
        "admin 127.0.0.1:PORT",
        "ready",
    ]
    assert len({line.split()[1] for line in lines[:-1]}) == 4
    relay.assert_chat_works()


def test_clients_of_different_listeners_meet(start_relay, clients):
    relay = start_relay(classic_listen=["127.0.0.1:0", "[::1]:0"])
    a = relay.client()
    relay.wait_for_lobby(1)
    address = next(where for kind, where in relay.listeners if kind == "classic" and ":" in where[0])
    b = BlockClient(address)
    clients.append(b)
    a.say("across")
    assert b.hear() == "across"
    assert relay.json("/api/v1/sessions")["sessions"][0]["legs"][1]["address"] == "[::1]:%d" % b.sock.getsockname()[1]


@pytest.mark.parametrize("every", [["0.0.0.0", "[::]"], ["*"], [""]])
def test_all_addresses_of_ipv4_and_of_ipv6_on_one_port(start_relay, clients, every):
    classic, admin = lasting_port(), lasting_port()
    listen = {"classic_listen": classic, "admin_listen": admin}
    relay = start_relay(**{name: [f"{address}:{port}" for address in every] for name, port in listen.items()})
    first = BlockClient(("127.0.0.1", classic))
    clients.append(first)
    relay.wait_for_lobby(1)
    second = BlockClient(("::1", classic))
    clients.append(second)
    second.say("hello")
    assert first.hear() == "hello"
    eventually(lambda: relay.log_lines("session started", "first=127.0.0.1:", "second=[::1]:"), "each by its own address")
    for host in ("127.0.0.1", "::1"):
        relay.relay.admin = (host, admin)
        assert relay.get("/healthz")[0] == 200


def test_a_slow_rate_lets_the_first_connection_in(start_relay):
    relay = start_relay(connection_rate_per_address="0.01")
    relay.wire().read_key()
    assert relay.wire().end() == b""
    relay.wait_for_refusals("rate-limited", 1)


@pytest.mark.parametrize("listener", ["classic", "admin"])
def test_a_port_in_use(listener):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ports = {"classic": "0", "admin": "0"} | {listener: port}
        done = parleyd(
            "--classic-listen", "127.0.0.1:" + ports["classic"], "--admin-listen", "127.0.0.1:" + ports["admin"]
        )
        assert done.returncode == 1
        lines = done.stderr.splitlines()
        assert sum("127.0.0.1:" + port in line and line.startswith("parleyd: ") for line in lines) == 1, lines
        assert "ready" not in done.stdout


@pytest.mark.parametrize("listener", ["classic", "admin"])
def test_the_port_of_another_parleyd(relay, listener):
    address = "%s:%d" % getattr(relay, listener)
    ports = {"classic": "127.0.0.1:0", "admin": "127.0.0.1:0"} | {listener: address}
    done = parleyd("--classic-listen", ports["classic"], "--admin-listen", ports["admin"])
    assert done.returncode == 1
    assert address in done.stderr
    assert "ready" not in done.stdout


def test_an_unknown_option_suggests_the_nearest():
    assert_one_line(parleyd("--clasic-listen", "127.0.0.1:0"), 2, "--clasic-listen", "--classic-listen")


def test_an_unknown_name_in_the_configuration_file_suggests_the_nearest(tmp_path):
    config = tmp_path / "parley.toml"
    config.write_text('# limits\nmax-conections = 10\n')
    assert_one_line(parleyd("--config", str(config)), 2, "max-conections", "max-connections", str(config))


def test_a_configuration_from_a_pipe(tmp_path):
    given = 'max-connections-per-address = 7\n'
    command = [processes.program("parleyd"), "--print-config", "--config", "/dev/stdin"]
    done = processes.run(command, env=processes.clean_environment(), input=given, timeout=90)
    assert done.returncode == 0, done.stderr
    assert re.search("max-connections-per-address = 7 +# /dev/stdin:1", done.stdout)


def test_no_configuration(start_relay):
    relay = start_relay(config="/dev/null")
    relay.signal(signal.SIGHUP)
    eventually(lambda: relay.metric("parley_reloads_total", result="ok") == 1, "it reloads")
    relay.assert_chat_works()


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/stdin"])
def test_a_configuration_that_is_a_device(device):
    command = [processes.program("parleyd"), "--check-config", "--config", device]
    done = processes.run(command, stdin=subprocess.DEVNULL)
    assert_one_line(done, 2, device, "not a regular file")


def test_an_unknown_environment_name_suggests_the_nearest():
    assert_one_line(parleyd("--check-config", PARLEY_LOG_LEVLE="debug"), 2, "PARLEY_LOG_LEVLE", "PARLEY_LOG_LEVEL")


@pytest.mark.parametrize(
    "text",
    ["max-connections = = 3\n", "[unclosed\n", 'log-level = "loud"\n', "handshake-timeout = 'soon'\n", "\0\0\0"],
    ids=["syntax", "section", "choice", "duration", "zeros"],
)
def test_a_malformed_configuration(tmp_path, text):
    config = tmp_path / "parley.toml"
    config.write_text(text)
    assert_one_line(parleyd("--config", str(config)), 2, str(config))
    assert_one_line(parleyd("--check-config", "--config", str(config)), 2, str(config))


def test_a_configuration_that_is_not_there(tmp_path):
    assert_one_line(parleyd("--config", str(tmp_path / "none.toml")), 2, "none.toml")


def test_a_configuration_that_is_a_folder(tmp_path):
    assert_one_line(parleyd("--config", str(tmp_path)), 2, str(tmp_path))


def test_a_token_file_that_others_can_read(tmp_path):
    token = tmp_path / "token"
    token.write_text("0123456789abcdef0123456789abcdef\n")
    token.chmod(0o644)
    done = parleyd("--admin-token-file", str(token), "--check-config")
    assert_one_line(done, 2, str(token))


@pytest.mark.parametrize(
    "arguments",
    [
        ("--log-level", "loud"),
        ("--classic-listen", "nowhere"),
        ("--classic-listen", "127.0.0.1:65536"),
        ("--handshake-timeout", "10 parsecs"),
        ("--buffer-limit", "1"),
        ("--classic-key-bits", "1024"),
        ("--classic-min-client-bits", "256"),
    ],
    ids=lambda arguments: "=".join(arguments).replace("/", "_"),
)
def test_a_value_that_cannot_be(arguments):
    assert_one_line(parleyd(*arguments), 2, arguments[0])


def test_a_crypto_mb_library_that_is_not_there(tmp_path):
    done = parleyd(
        "--classic-listen", "127.0.0.1:0", "--admin-listen", "none", "--crypto-mb", str(tmp_path / "libnone.so")
    )
    assert done.returncode == 1
    assert "libnone.so" in done.stderr
    assert "ready" not in done.stdout


def test_check_config_looks_at_the_crypto_mb_library(tmp_path):
    assert_one_line(parleyd("--check-config", "--crypto-mb", str(tmp_path / "libnone.so")), 2, "libnone.so")


def test_nobody_could_connect():
    assert_one_line(parleyd("--classic-listen", "none", "--relay-listen", "none"), 2, "classic-listen", "relay-listen")
    assert_one_line(parleyd("--classic-listen", "none"), 2, "classic-listen", "--self-signed")


@pytest.mark.parametrize("keys", ["shared", "per-connection"])
def test_a_relay_without_classic_makes_no_key(start_rooms, keys):
    rooms = start_rooms(classic_keys=keys)
    assert rooms.relay.metric("parley_key_pool_capacity") == 0


@pytest.mark.parametrize("option", ["--cert", "--key"])
def test_a_file_without_a_certificate_or_key(certificate, tmp_path, option):
    empty = tmp_path / "empty"
    empty.touch(mode=0o600)
    given = {"--cert": certificate.certificate, "--key": certificate.key} | {option: empty}
    done = parleyd(*RELAY_ALONE_ARGUMENTS, *(str(one) for pair in given.items() for one in pair))
    assert_one_line(done, 1, f"{option} {empty}: no ", " in it; ")


@pytest.mark.parametrize(
    "program, argument",
    [
        ("parleyd", "--help"),
        ("parleyd", "--version"),
        ("parleyd", "--print-config"),
        ("parleyd", "--check-config"),
        ("parley", "--help"),
        ("parley", "--version"),
    ],
)
def test_what_cannot_be_printed_is_a_failure(program, argument):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [processes.program(program), argument],
            stdout=full, stderr=subprocess.PIPE, text=True, env=processes.clean_environment(), timeout=90,
        )  # fmt: skip
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and "No space left on device" in done.stderr


@pytest.fixture
def tls_files(tmp_path):
    """Those of a relay and what may be wrong with them: {name: path}."""
    one, other = Certificate(tmp_path, "one"), Certificate(tmp_path, "other")
    files = {"cert": one.certificate, "key": one.key, "other": other.key}
    for name in ("junk", "open", "encrypted"):
        files[name] = tmp_path / name
    files["junk"].write_text("not PEM\n")
    files["junk"].chmod(0o600)
    files["open"].write_bytes(one.key.read_bytes())
    files["open"].chmod(0o644)
    files["open keys"] = tmp_path / "open-keys"
    files["open keys"].write_text("0" * 64 + "\n")
    files["open keys"].chmod(0o644)
    openssl.run("ec", "-in", one.key, "-aes128", "-passout", "pass:x", "-out", files["encrypted"])
    files["encrypted"].chmod(0o600)
    return files | {"none": tmp_path / "no-such-file"}


@pytest.mark.parametrize("cert, key, more", [
    ("none", "key", {}), ("junk", "key", {}), ("cert", "none", {}), ("cert", "junk", {}), ("cert", "other", {}),
    ("cert", "open", {}), ("cert", "encrypted", {}), ("cert", "key", {"--relay-client-ca": "junk"}),
    ("cert", "key", {"--token-key-file": "junk"}), ("cert", "key", {"--token-key-file": "open keys"}),
])  # fmt: skip
def test_files_with_which_relay_1_cannot_start(tls_files, cert, key, more):
    options = {"--cert": cert, "--key": key} | more
    wrong = next(name for name in options.values() if name not in ("cert", "key"))
    arguments = [word for option, name in options.items() for word in (option, str(tls_files[name]))]
    listen = ["--classic-listen", "none", "--admin-listen", "none", "--relay-listen", "127.0.0.1:0"]
    start = assert_one_line(parleyd(*listen, *arguments), 1, str(tls_files[wrong]))
    check = assert_one_line(parleyd("--check-config", *listen, *arguments), 2, str(tls_files[wrong]))
    assert check == start


def test_a_pin_file_that_cannot_be_written(tmp_path):
    listen = ["--classic-listen", "none", "--admin-listen", "none", "--relay-listen", "127.0.0.1:0"]
    pin = ["--pin-file", str(tmp_path / "none" / "pin")]
    assert_one_line(parleyd(*listen, "--self-signed", str(tmp_path / "own"), *pin), 1, *pin, "No such file")
    assert_one_line(parleyd("--classic-listen", "127.0.0.1:0", *pin), 2, "pin-file", "--self-signed DIR")


def test_what_is_overruled_is_said(start_relay, tmp_path):
    config = tmp_path / "parley.toml"
    config.write_text("shards = 3\nworkers = 2\n")
    relay = start_relay(config=config, shards="2", env={"PARLEY_SHARDS": "1", "PARLEY_DEFAULTS": "/dev/null"})
    lines = eventually(lambda: len(found := relay.log_lines("a setting is overruled", "setting=shards")) == 2 and found)
    assert "parley.toml:1" in lines[0] and 'by="environment PARLEY_SHARDS"' in lines[0]
    assert 'given="environment PARLEY_SHARDS"' in lines[1] and 'by="command line --shards"' in lines[1]


def test_check_config_makes_no_certificate(tmp_path):
    folder = tmp_path / "own"
    done = parleyd("--check-config", "--relay-listen", "127.0.0.1:0", "--self-signed", str(folder))
    assert (done.returncode, done.stdout) == (0, "configuration OK\n")
    assert not folder.exists()


def test_check_config_says_right(tmp_path):
    config = tmp_path / "parley.toml"
    config.write_text('classic-listen = "127.0.0.1:0"\nmax-connections = 10\nbuffer-limit = "32K"\n')
    assert parleyd("--check-config", "--config", str(config)).returncode == 0


def test_precedence_is_command_line_then_environment_then_file(tmp_path):
    config = tmp_path / "parley.toml"
    config.write_text('idle-timeout = "3m"\nwait-timeout = "3m"\nwrite-timeout = "3m"\n')
    done = parleyd(
        "--print-config", "--config", str(config), "--idle-timeout", "1m",
        PARLEY_IDLE_TIMEOUT="2m", PARLEY_WAIT_TIMEOUT="2m",
    )
    assert done.returncode == 0, done.stderr

    def line_of(name):
        return next(line for line in done.stdout.splitlines() if line.startswith(name))

    assert "1m" in line_of("idle-timeout")
    assert "2m" in line_of("wait-timeout")
    assert "3m" in line_of("write-timeout")
    assert "64K" in line_of("buffer-limit")


def test_print_config_can_be_read_back(tmp_path):
    shown = parleyd("--print-config", "--log-level", "warning", "--classic-keys", "shared")
    assert shown.returncode == 0, shown.stderr
    config = tmp_path / "parley.toml"
    config.write_text(shown.stdout)
    again = parleyd("--print-config", "--config", str(config))
    assert again.returncode == 0, again.stderr

    def without_comments(text):
        return [line.partition("#")[0].strip() for line in text.splitlines()]

    assert without_comments(again.stdout) == without_comments(shown.stdout)


def test_version_and_help():
    assert re.match(r"parleyd \d+\.\d+", parleyd("--version").stdout)
    verbose = parleyd("--version", "--verbose")
    assert verbose.returncode == 0
    assert "OpenSSL" in verbose.stdout
    assert "openssl" in verbose.stdout or "crypto_mb" in verbose.stdout
    assert "engine   openssl" in parleyd("--version", "--verbose", "--crypto-mb", "off").stdout
    shown = parleyd("--help")
    assert shown.returncode == 0
    assert "--classic-listen" in shown.stdout


def test_healthcheck(start_relay):
    relay = start_relay()
    address = "%s:%d" % relay.admin
    assert parleyd("healthcheck", "--admin-listen", address).returncode == 0
    assert parleyd("healthcheck", PARLEY_ADMIN_LISTEN=address).returncode == 0
    assert relay.stop() == ""
    assert_one_line(parleyd("healthcheck", "--admin-listen", address), 1, address, "connection refused")


def test_a_healthcheck_judges_nothing_that_the_relay_has_not_taken(start_relay, tmp_path):
    relay = start_relay()
    config = tmp_path / "parley.toml"
    mine = 'admin-listen = "%s:%d"\n' % relay.admin
    for text in (mine + "max-connections = many\n", mine + "idle-timeout = \"\n", "[oops\n" + mine, mine + 'cert = "x"\n'):
        config.write_text(text)
        done = parleyd("healthcheck", "--config", str(config), PARLEY_IDLE_TIMEOUT="soon", PARLEY_MISTAKE="1")
        assert (done.returncode, done.stdout) == (0, "ok\n"), (text, done.stderr)


@pytest.mark.parametrize(
    "arguments", [["--admin-listen", "nowhere"], ["--admin-lissten", "127.0.0.1:1"], ["--admin-listen", "none"]]
)
def test_every_failure_of_a_healthcheck_is_1(arguments):
    assert_one_line(parleyd("healthcheck", *arguments), 1)


def test_no_listener_at_all_for_the_admin_endpoint(start_relay):
    relay = start_relay(admin_listen="none")
    assert relay.admin is None
    a, b = relay.client(), relay.client()
    a.say("quietly")
    assert b.hear() == "quietly"


@pytest.mark.parametrize("keys", ["shared", "per-connection"])
def test_it_is_not_ready_before_its_first_key(start_relay, keys):
    relay = start_relay(classic_keys=keys, classic_key_bits="4096", classic_key_pool="1")
    relay.wait_until_ready()
    assert relay.metric("parley_worker_seconds_count", operation="generate-key") >= 1


def test_no_keys_are_made_where_nobody_speaks_classic(start_rooms):
    relay = start_rooms(classic_keys="per-connection").relay
    assert relay.json("/api/v1/status")["key_pool"]["capacity"] == 0
