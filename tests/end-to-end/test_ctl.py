"""parleyd ctl, over TCP and a Unix socket: what it shows, what it does, and its exit status."""

import json
import os
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest

from parley_tests import processes
from parley_tests.terminal import Terminal
from parley_tests.waiting import eventually


@pytest.fixture
def place():
    """Of sockets, whose paths have 107 bytes at most, and no comma, as that parts addresses."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="parley-") as folder:
        yield Path(folder)


@pytest.fixture
def relay(start_rooms, place):
    """With rooms, as `relay.rooms`."""
    rooms = start_rooms(classic_listen="127.0.0.1:0", admin_listen=["127.0.0.1:0", f"unix:{place}/admin.sock"])
    rooms.relay.rooms = rooms
    return rooms.relay


@pytest.fixture(params=["tcp", "unix"])
def ctl(request, relay, place):
    where = "%s:%d" % relay.admin if request.param == "tcp" else f"unix:{place}/admin.sock"

    def run(*arguments, status=0, environment=None):
        command = [processes.program("parleyd"), "ctl", "--admin-listen", where, *arguments]
        done = processes.run(command, env=processes.clean_environment(**(environment or {})), input="")
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        return done.stdout if status == 0 else done.stderr

    return run


def test_status(relay, ctl):
    relay.wait_until_ready()
    relay.rooms.pair()
    text = ctl("status")
    lines = {line.split("  ")[0]: line for line in text.splitlines()}
    assert lines["state"].split() == ["state", "ready"]
    assert "%s:%d" % relay.classic in lines["classic"]
    assert lines["sessions"].split() == ["sessions", "0", "1"]
    assert json.loads(ctl("status", "--json")) | {"uptime_s": 0} == relay.json("/api/v1/status") | {"uptime_s": 0}


def test_sessions_all_of_them(relay, ctl):
    pairs = [relay.rooms.pair() for _ in range(3)]
    a, b = relay.pair()
    lines = ctl("sessions").splitlines()
    assert lines[0].split()[:3] == ["ID", "PROTOCOL", "STATE"] and len(lines) == 5
    assert all(line == line.rstrip() for line in lines)
    assert len(ctl("sessions", "--limit", "2").splitlines()) == 3
    assert len(ctl("sessions", "--protocol", "classic").splitlines()) == 2
    one = json.loads(ctl("sessions", "--json", "--protocol", "classic"))["sessions"][0]["id"]
    assert "%s:%d" % a.sock.getsockname()[:2] in ctl("session", one)
    ctl("end", one)
    assert a.clean_end() == b.clean_end() == b""
    assert "no session" in ctl("end", "0000000000000007", status=1)
    assert len(pairs) == 3


def test_lobby_and_config(relay, ctl):
    relay.rooms.wait()
    assert "relay" in ctl("lobby").splitlines()[1]
    lines = ctl("config").splitlines()
    assert any(line.split() == ["classic-listen", "127.0.0.1:0", "--classic-listen"] for line in lines)


def test_drain_and_back(relay, ctl):
    relay.wait_until_ready()
    first, second = relay.rooms.pair()
    assert ctl("drain", "--deadline", "none") == "draining, without a deadline\n"
    assert relay.get("/readyz")[0] == 503
    assert "draining since" in ctl("status")
    for client in (first, second):
        client.bye()
    assert ctl("drain", "--deadline", "5m", "--wait").endswith("drained\n")
    assert ctl("undrain") == "takes clients again\n"
    assert relay.get("/readyz")[0] == 200
    relay.rooms.assert_pairs_talk(relay.rooms.pair())


def test_reload_rotate_and_log_level(relay, ctl):
    assert ctl("reload").splitlines()[0].split() == ["changed", "none"]
    assert "another shared key is being made" in ctl("rotate")
    assert ctl("log-level") == "info\n"
    assert ctl("log-level", "debug", "--for", "10m").startswith("debug, until ")
    assert json.loads(ctl("log-level", "--json"))["configured"] == "info"
    assert ctl("log-level", "info") == "info\n"
    assert "level: must be one of" in ctl("log-level", "loud", status=1)


def test_mistakes(ctl):
    assert "--help" in ctl(status=2)
    assert "--help" in ctl("status", "--wrong", status=2)
    assert "restart" in ctl("restart", status=2)
    assert "--deadline" in ctl("drain", "--deadline", "soon", status=2)
    assert "status" in ctl("--help") and "undrain" in ctl("--help")


def test_each_call_is_logged_with_who_it_was(relay, ctl, request):
    ctl("undrain")
    line, = eventually(lambda: relay.log_lines("admin call"), "logged")
    if "unix" in request.node.name:
        assert f'from="uid {os.getuid()}"' in line and "as=socket" in line
    else:
        assert "from=127.0.0.1:" in line and "as=loopback" in line


def test_nobody_is_there(place):
    for where in ("127.0.0.1:9", f"unix:{place}/none.sock"):
        done = processes.run([processes.program("parleyd"), "ctl", "--admin-listen", where, "status"], input="")
        assert done.returncode == 3 and where in done.stderr and "is parleyd running" in done.stderr


def test_it_finds_the_relay_as_the_relay_does(start_relay, tmp_path):
    token = tmp_path / "token"
    token.write_text("s3cret-s3cret-s3cret\n")
    token.chmod(0o600)
    relay = start_relay(admin_token_file=token)
    program = processes.program("parleyd")
    settings = {"PARLEY_ADMIN_LISTEN": "%s:%d" % relay.admin}
    run = lambda **more: processes.run([program, "ctl", "status"], env=processes.clean_environment(**settings, **more), input="")
    assert run().returncode == 1 and "token" in run().stderr
    assert run(PARLEY_ADMIN_TOKEN_FILE=str(token)).returncode == 0
    config = tmp_path / "parley.toml"
    config.write_text(f'admin-listen = "{settings.pop("PARLEY_ADMIN_LISTEN")}"\nadmin-token-file = {json.dumps(str(token))}\n')
    assert run(PARLEY_CONFIG=str(config)).returncode == 0


class TestSocket:
    def test_its_permissions(self, relay, place):
        mode = (place / "admin.sock").stat().st_mode
        assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o660

    def test_it_is_removed_at_the_end(self, relay, place):
        relay.stop()
        assert not (place / "admin.sock").exists()

    def test_one_that_was_left_over_is_replaced(self, start_relay, place):
        listen = ["127.0.0.1:0", f"unix:{place}/admin.sock"]
        start_relay(admin_listen=listen).kill()
        assert (place / "admin.sock").exists()
        start_relay(admin_listen=listen)

    def test_one_in_use_is_not(self, relay, place):
        command = [processes.program("parleyd"), "--classic-listen", "127.0.0.1:0"]
        done = processes.run([*command, "--admin-listen", f"unix:{place}/admin.sock"], input="")
        assert done.returncode == 1 and "Address already in use" in done.stderr
        assert relay.get("/healthz")[0] == 200

    @pytest.mark.parametrize("path", ["relative.sock", "/" + "x" * 108, ""])
    def test_what_is_no_path(self, path):
        done = processes.run([processes.program("parleyd"), "--admin-listen", f"unix:{path}"], input="")
        assert done.returncode == 2 and "absolute path" in done.stderr

    def test_a_file_of_another_kind_stays(self, place):
        (place / "file").write_text("precious")
        command = [processes.program("parleyd"), "--classic-listen", "127.0.0.1:0"]
        done = processes.run([*command, "--admin-listen", f"unix:{place}/file"], input="")
        assert done.returncode == 1
        assert (place / "file").read_text() == "precious"


def test_watch_draws_anew(relay, clients):
    where = "%s:%d" % relay.admin
    screen = Terminal("ctl", "--admin-listen", where, "status", "--watch", "100ms", program="parleyd")
    clients.append(screen)
    screen.sees("ready")
    relay.rooms.pair()
    sessions = lambda: [row.split()[1:] for row in screen.rows if row.startswith("sessions  ")]
    screen.watched_until(lambda: sessions() == [["0", "1"]], "it shows what is now, once")


def test_watch_ends_with_its_reader(relay):
    command = [processes.program("parleyd"), "ctl", "--admin-listen", "%s:%d" % relay.admin, "status", "--watch", "10ms"]
    process = processes.start(command, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=60) != 0
