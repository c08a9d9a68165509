"""The images and compose.yaml on a real engine: builds both, starts the relay, lets clients chat and send files. Where no
engine answers the tests start one of their own, or are skipped and say why.

What it does not prove: publishing to other machines."""

import json
import os
import socket
import subprocess
import tarfile
import threading
import time
import urllib.error
import urllib.request

import pexpect
import pytest

from parley_tests.relay_client import RelayClient
from parley_tests.waiting import eventually

_MOST_IMAGE_BYTES = 25 * 10**6
_BUILD_SECONDS = 1800


# One engine, one build: all of it by the same worker.
pytestmark = pytest.mark.xdist_group("engine")


def docker(*arguments, timeout=120, **options):
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=timeout, **options)
    assert done.returncode == 0, f"docker {' '.join(arguments)}: {done.stdout[-3000:]}{done.stderr[-5000:]}"
    return done.stdout.strip()


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Composed:
    """The project of compose.yaml under a name and on ports of its own."""

    def __init__(self, root, environment):
        self._project = f"parley-test-{os.getpid()}"
        self._ports = {name: str(_free_port()) for name in ("CLASSIC_PORT", "RELAY_PORT", "ADMIN_PORT")}
        self._environment = environment | self._ports
        self._root = root

    def _words(self, *arguments):
        return ["compose", "--project-name", self._project, "--project-directory", str(self._root), *arguments]

    def __call__(self, *arguments, **options):
        return docker(*self._words(*arguments), env=self._environment, **options)

    @property
    def relay_port(self):
        return int(self._ports["RELAY_PORT"])

    def docker(self, *arguments, **options):
        return docker(*arguments, env=self._environment, **options)

    def container(self):
        return json.loads(self.docker("inspect", self("ps", "--all", "--quiet", "parleyd")))[0]

    def image_name(self, service):
        return f"{self._project}-{service}"

    def image(self, service):
        return json.loads(self.docker("image", "inspect", self.image_name(service)))[0]

    def files(self, service, folder):
        """Every path in the image."""
        container = self.docker("create", self.image_name(service))
        try:
            archive = folder / f"{service}.tar"
            self.docker("export", "--output", str(archive), container)
            return {entry.name for entry in tarfile.open(archive)}
        finally:
            self.docker("rm", container)

    def client(self, *command, options=()):
        arguments = self._words("run", "--rm", *options, "client", *command)
        return pexpect.spawn("docker", arguments, env=self._environment, encoding="utf-8", timeout=60)

    def get(self, path):
        """(status, body) of the published admin endpoint."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._ports['ADMIN_PORT']}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@pytest.fixture(scope="module")
def compose(root, engine):
    composed = Composed(root, engine)
    try:
        composed("--profile", "client", "build", timeout=_BUILD_SECONDS)
        composed("up", "--detach", "--wait", timeout=180)
        yield composed
    finally:
        composed("--profile", "client", "down", "--volumes", timeout=180)
        for service in ("parleyd", "client"):
            subprocess.run(["docker", "image", "rm", composed.image_name(service)], env=engine, check=False)


@pytest.mark.parametrize("service, program", [("parleyd", "parleyd"), ("client", "parley")])
def test_an_image_is_small_and_holds_no_shell(compose, service, program, tmp_path):
    image = compose.image(service)
    assert image["Size"] < _MOST_IMAGE_BYTES
    assert image["Config"]["User"] == "65532:65532"
    files = compose.files(service, tmp_path)
    assert {name for name in files if name.startswith("usr/bin/")} - {"usr/bin/"} == {f"usr/bin/{program}"}
    assert "usr/share/doc/parley/copyright" in files


def test_the_relay_is_healthy_and_confined(compose):
    container = compose.container()
    assert container["State"]["Health"]["Status"] == "healthy"
    host = container["HostConfig"]
    assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"]
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert compose("exec", "--no-TTY", "parleyd", "/usr/bin/parleyd", "healthcheck") in ("", "ok")


def test_the_admin_endpoint_is_published_without_what_needs_a_token(compose):
    assert compose.get("/healthz")[0] == 200
    assert compose.get("/readyz")[0] == 200
    assert compose.get("/metrics")[0] == 200
    assert compose.get("/api/v1/sessions")[0] == 403


def test_two_clients_chat(compose):
    alice = compose.client()
    assert alice.expect(["parley chat '(parley://[^']+)'", r"\[y/N\]"]) == 0, "it has the relay's pin"
    bob = compose.client("chat", alice.match.group(1))
    bob.expect("is there")
    alice.sendline("hello, who is there?")
    bob.expect_exact("hello, who is there?")
    bob.sendline("bob — grüße")
    alice.expect_exact("bob — grüße")
    assert "hello" not in compose("logs", "parleyd")
    alice.sendeof()
    for one in (alice, bob):
        one.expect(pexpect.EOF)
        one.close()
        assert one.exitstatus == 0


def test_files_go_in_and_out_as_who_calls(compose, tmp_path):
    """By docs/deployment.md: a folder that is mounted, and the caller's user."""
    for name in ("out", "in"):
        (tmp_path / name).mkdir()
        os.chown(tmp_path / name, 12345, 12345)
    (tmp_path / "out" / "data").write_bytes(os.urandom(300_000))

    def run(folder, *command):
        user = ["--user", "12345:12345", "-e", "HOME=/tmp"]
        return compose.client(*command, options=[*user, "-v", f"{tmp_path / folder}:/files", "-w", "/files"])

    tmp_path.chmod(0o755)
    for above in tmp_path.parents[:2]:
        above.chmod(0o755)
    sender = run("out", "send", "data")
    sender.expect("parley receive '(parley://[^']+)'")
    receiver = run("in", "receive", "--yes", sender.match.group(1))
    for one in (receiver, sender):
        one.expect(pexpect.EOF)
        one.close()
        assert one.exitstatus == 0, one.before
    there = tmp_path / "in" / "data"
    assert there.read_bytes() == (tmp_path / "out" / "data").read_bytes()
    assert there.stat().st_uid == 12345


def test_classic_clients_chat(compose):
    def classic():
        return compose.client("classic", "--timeout", "60s", "parleyd")

    alice, bob = classic(), classic()
    for one, other, text in ((alice, bob, "from alice"), (bob, alice, "from bob")):
        one.sendline(text)
        other.expect_exact(text)
    alice.sendeof()
    for one in (alice, bob):
        one.expect(pexpect.EOF)
        one.close()
        assert one.exitstatus == 0, one.before


def test_ctl_in_the_container(compose):
    assert "ready" in compose("exec", "--no-TTY", "parleyd", "parleyd", "ctl", "status")
    assert "[" in compose("exec", "--no-TTY", "parleyd", "parleyd", "ctl", "sessions", "--json")


def test_the_health_check_finds_the_relay_however_it_was_started(compose):
    """--admin-listen as an argument; and a configuration file comes before what the image has."""
    image = compose.image_name("parleyd")
    container = compose.docker("run", "--detach", "--read-only", image, "--admin-listen", "127.0.0.1:9999")
    try:
        eventually(
            lambda: "healthy" == compose.docker("inspect", "--format", "{{.State.Health.Status}}", container),
            lambda: compose.docker("logs", container),
        )
        logged = compose.docker("exec", container, "/usr/bin/parleyd", "healthcheck", "--admin-listen", "127.0.0.1:9999")
        assert logged in ("", "ok")
    finally:
        compose.docker("rm", "--force", container)


def test_it_is_replaced_in_place_beside_an_idle_classic_pair(compose):
    """Those of relay/1 are without a relay for 3 s at most."""
    pin = compose("exec", "--no-TTY", "parleyd", "parleyd", "ctl", "status", "--json")
    pin = json.loads(pin)["certificate"]["pin"].removeprefix("sha256:")
    idle = [compose.client("classic", "--timeout", "60s", "parleyd") for _ in range(2)]
    idle[0].sendline("hello")
    idle[1].expect_exact("hello")
    gaps = Gaps(("127.0.0.1", compose.relay_port), pin)
    gaps.begin()
    before = compose.container()["Id"]
    compose("up", "--detach", "--wait", "--force-recreate", "parleyd", timeout=180)
    gaps.end()
    assert compose.container()["Id"] != before
    print(f"longest gap of relay/1: {gaps.longest:.2f} s")
    assert gaps.longest <= 3
    for one in idle:
        one.close(force=True)


class Gaps:
    """Comes to relay/1 again and again, and measures the longest time in which nobody was let in."""

    def __init__(self, address, pin):
        self._address, self._pin = address, pin
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.longest = 0

    def begin(self):
        self._thread.start()

    def end(self):
        self._over.set()
        self._thread.join(60)

    def _run(self):
        last = time.monotonic()
        while not self._over.is_set():
            try:
                client = RelayClient(self._address, pin=self._pin).hello(f"gap-{time.monotonic_ns()}")
                client.wait()
                client.close()
            except (OSError, AssertionError):
                continue
            now = time.monotonic()
            self.longest, last = max(self.longest, now - last), now


def test_stopping_the_relay_drains_and_ends_well(compose):
    begin = time.monotonic()
    compose("stop", "parleyd")
    assert time.monotonic() - begin < 5
    state = compose.container()["State"]
    assert (state["ExitCode"], state["OOMKilled"]) == (0, False)
