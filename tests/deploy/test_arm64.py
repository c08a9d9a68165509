"""The programs for arm64, as the preset of that name and the packages have them, on a machine of another architecture:
run by qemu in a clean system of each release, where nothing starts them, as there is no systemd."""

import re

import debian_system
import pytest

from parley_tests import processes
from parley_tests.output import Output
from parley_tests.waiting import PATIENCE, eventually

pytestmark = pytest.mark.xdist_group("packages")
_EMULATORS = {"bookworm": "/usr/bin/qemu-aarch64-static", "trixie": "/usr/bin/qemu-aarch64"}


class Emulated:
    """A system in which arm64's packages are installed, and what runs in it."""

    def __init__(self, release, out):
        folder = debian_system.made_packages(out, release, "arm64")
        self._debs = [debian_system.package(folder, name, "arm64") for name in ("parleyd", "parley")]
        self._emulator = (_EMULATORS[release],)
        self._begun = []
        root = debian_system.clean_root(release, *self._debs)
        self.system = debian_system.System(root, folder, init=("/bin/sleep", "infinity"))

    def install(self):
        self.system.install(*self._debs)

    def run(self, *command, **options):
        return self.system.run(*self._emulator, *command, **options)

    def clients(self, *command):
        begun = [self.system.parley(*command, emulator=self._emulator) for _ in range(2)]
        self._begun += begun
        return begun

    def relay(self, *options):
        begun = Relay([*self.system.launcher, *self._emulator, "/usr/bin/parleyd", *options])
        self._begun.append(begun)
        return begun

    def close(self):
        for one in self._begun:
            one.close()
        self.system.close()


class Relay:
    def __init__(self, command):
        self._log = Output()
        self._process = processes.start(command, stdout=self._log, stderr=self._log)
        eventually(lambda: "\nready\n" in self.log() or self._process.poll() is not None, self.log, 3 * PATIENCE)
        assert self._process.poll() is None, self.log()

    def log(self):
        return self._log.text()

    @property
    def pin(self):
        return re.search(r"pin sha256:(\S+)", self.log())[1]

    def end(self):
        """As systemd ends it. Its exit status."""
        processes.run(["kill", "-TERM", str(debian_system.child_of(self._process.pid))])
        return self._process.wait(PATIENCE)

    def close(self):
        self._process.kill()
        self._process.wait()


@pytest.fixture(scope="module", params=debian_system.RELEASES)
def emulated(request, tmp_path_factory):
    if processes.run(["dpkg", "--print-architecture"]).stdout.strip() == "arm64":
        pytest.skip("this machine is of arm64: test_packages.py tries its programs")
    machine = Emulated(request.param, tmp_path_factory.mktemp("arm64"))
    try:
        machine.install()
        yield machine
    finally:
        machine.close()


def test_the_packages_are_installed_without_systemd(emulated, version):
    for program in ("parleyd", "parley"):
        assert emulated.run(f"/usr/bin/{program}", "--version").startswith(f"{program} {version}")
    assert "parley" in emulated.system.run("getent", "passwd", "parley")
    # As the machine's own would be refused.
    header = emulated.system.run("od", "-An", "-tx1", "-j18", "-N2", "/usr/bin/parleyd")
    assert header.split() == ["b7", "00"], "EM_AARCH64"


def test_pairs_talk_through_it_and_it_ends_when_told_to(emulated):
    relay = emulated.relay("--config", "/etc/parley/parleyd.toml")
    assert emulated.run("/usr/bin/parleyd", "healthcheck") in ("", "ok")
    pairs = [
        emulated.clients("pipe", debian_system.invite(relay.pin)),
        emulated.clients("classic", "--timeout", "60s", "127.0.0.1:10000"),
    ]
    for pair in pairs:
        debian_system.talk(*pair)
    for one in pairs[1]:
        one.finish_input()
        assert one.exit_status() == 0, one.errors()
    assert relay.end() == 0, relay.log()
    assert "draining" in relay.log()
