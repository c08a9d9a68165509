"""The images and compose.yaml on a real engine: builds both, starts the relay, lets clients chat and send files. Where no
engine answers the tests start one of their own, or are skipped and say why.

What it does not prove: publishing to other machines."""

import email
import json
import os
import re
import shutil
import socket
import threading
import time

import pexpect
import pytest

from composed import get
from parley_tests.floods import Flood, until_nothing_more_goes
from parley_tests.frames import MAX_PAYLOAD, Type, frame
from parley_tests.prometheus import Prometheus
from parley_tests.relay_client import RelayClient
from parley_tests.segments import connect_narrowly
from parley_tests.waiting import eventually

_MOST_IMAGE_BYTES = 25 * 10**6

# One engine, one build: all of it by the same worker.
pytestmark = pytest.mark.xdist_group("engine")


@pytest.mark.parametrize("service, program", [("parleyd", "parleyd"), ("client", "parley")])
def test_an_image_is_small_and_holds_no_shell(compose, service, program, tmp_path):
    image = compose.image(service)
    assert image["Size"] < _MOST_IMAGE_BYTES
    assert image["Config"]["User"] == "65532:65532"
    files = set(compose.files(service, tmp_path).getnames())
    assert {name for name in files if name.startswith("usr/bin/")} - {"usr/bin/"} == {f"usr/bin/{program}"}
    assert "usr/share/doc/parley/copyright" in files


@pytest.mark.parametrize("service, program", [("parleyd", "parleyd"), ("client", "parley")])
def test_an_image_says_what_it_is_made_of(compose, service, program, tmp_path):
    files = compose.files(service, tmp_path)

    def text(name):
        return files.extractfile(name).read().decode()

    assert "VERSION_CODENAME=trixie" in text("usr/lib/os-release")
    stanzas = [email.message_from_string(stanza) for stanza in text("var/lib/dpkg/status").split("\n\n") if stanza]
    installed = {stanza["Package"]: stanza["Version"] for stanza in stanzas}
    assert {"libc6", "libssl3t64", "libstdc++6", "ca-certificates", "base-files"} <= installed.keys()
    assert {stanza["Status"] for stanza in stanzas} == {"install ok installed"}

    sbom = json.loads(text(f"usr/share/doc/parley/{program}.spdx.json"))
    image, *packages = sbom["packages"]
    assert (sbom["spdxVersion"], image["name"]) == ("SPDX-2.3", program)
    of = {package["name"]: package for package in packages}
    assert installed.items() <= {name: package["versionInfo"] for name, package in of.items()}.items()
    assert "libasio-dev" in of, "what is compiled in"
    assert re.fullmatch(
        r"pkg:deb/debian/libstdc%2B%2B6@[0-9][^?]*\?arch=(amd64|arm64)&distro=debian-13",
        of["libstdc++6"]["externalRefs"][0]["referenceLocator"],
    )
    named = {package["SPDXID"] for package in sbom["packages"]} | {sbom["SPDXID"]}
    assert len(named) == len(sbom["packages"]) + 1
    for relation in sbom["relationships"]:
        assert {relation["spdxElementId"], relation["relatedSpdxElement"]} <= named
    licences = {name.split("/")[3] for name in files.getnames() if name.endswith("/copyright")} - {"parley"}
    assert licences == of.keys()


@pytest.mark.parametrize("service, owned", [("parleyd", ["run/parley", "var/lib/parley"]), ("client", ["home/parley"])])
def test_of_an_image_only_what_volumes_begin_with_belongs_to_its_user(compose, service, owned, tmp_path):
    entries = list(compose.files(service, tmp_path))
    assert sorted(entry.name.rstrip("/") for entry in entries if entry.uid or entry.gid) == owned
    assert not [entry.name for entry in entries if entry.mode & 0o022 and not entry.issym()], "written to by others"


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


def test_prometheus_finds_it_up(compose, root, tmp_path):
    if not shutil.which("prometheus"):
        pytest.skip("no prometheus: ./dev setup")
    rules = sorted((root / "deploy/prometheus").glob("parley-*.yaml"))
    prometheus = Prometheus(tmp_path, f"127.0.0.1:{compose.admin_port}", rules)
    try:
        prometheus.wait_for('up{job="parley"}', 1)
        prometheus.wait_for("parley_ready", 1)
    finally:
        prometheus.close()


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


def test_memory_stays_within_the_container_s_limit_under_load(compose):
    """That of docs/deployment.md for a few connections, each of which makes the relay hold what it may."""
    connections, mib = 200, 102
    container = compose.docker(
        "run", "--detach", "--read-only", "--tmpfs", "/tmp", "--memory", f"{mib}m", "--memory-swap", f"{mib}m",
        compose.image_name("parleyd"), "--max-connections", str(connections), "--connection-rate-per-address", "none",
        "--max-rooms-per-address", "none", "--self-signed", "/tmp/identity", "--relay-listen", "*:10443",
        "--write-timeout", "none",
    )  # fmt: skip
    crowd = []
    try:
        address = compose.address(container), 10443
        eventually(lambda: answers(address), lambda: compose.docker("logs", container))
        for number in range(connections // 2):
            first = RelayClient(address, sock=connect_narrowly(address)).hello(f"room-{number}")
            first.wait()
            second = RelayClient(address, sock=connect_narrowly(address)).hello(f"room-{number}")
            for client in (first, second):
                client.pair()
                crowd.append(Flood(client, again=frame(Type.DATA, bytes(MAX_PAYLOAD))))
        held = connections * 8 * 1024  # with that nobody's partner takes more
        until_nothing_more_goes(crowd, lambda: metric(address[0], "parley_buffered_bytes") > held)
        print("memory under load:", compose.docker("stats", "--no-stream", "--format", "{{.MemUsage}}", container))
        state = json.loads(compose.docker("inspect", container))[0]["State"]
        assert (state["Running"], state["OOMKilled"]) == (True, False)
        assert metric(address[0], 'parley_connections{protocol="relay"}') == connections
        assert metric(address[0], "parley_buffered_bytes") > held, "it was a load"
    finally:
        for flood in crowd:
            flood.client.close()
        compose.docker("rm", "--force", container)


def metric(host, name):
    status, body = get(f"http://{host}:8080/metrics")
    assert status == 200
    (value,) = re.findall(rf"^{re.escape(name)} (.*)$", body, re.MULTILINE)
    return float(value)


def answers(address):
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True


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
