"""The images and compose.yaml on a real engine: builds both, starts the relay, lets clients chat and send files. Where no
engine answers the tests start one of their own, or are skipped and say why.

What it does not prove: publishing to other machines."""

import json
import os
import socket
import subprocess
import tarfile
import urllib.error
import urllib.request

import pexpect
import pytest

from parley_tests import processes

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

    def client(self, *command):
        arguments = self._words("run", "--rm", "client", *command)
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


def test_stopping_the_relay_drains_and_ends_well(compose):
    compose("stop", "parleyd")
    state = compose.container()["State"]
    assert (state["ExitCode"], state["OOMKilled"]) == (0, False)
