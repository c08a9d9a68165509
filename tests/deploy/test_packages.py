"""Debian's packages, in clean systems of both releases that are booted with systemd: installed, started, upgraded under
a conversation, removed and purged without a trace; what is in them, and what lintian says."""

import hashlib
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import debian_system
import pytest

from parley_tests import processes
from parley_tests.history import judge, message
from parley_tests.waiting import eventually

# One root of each release, and minutes of building: all of it by the same worker.
pytestmark = pytest.mark.xdist_group("packages")
_CONFIG = "/etc/parley/parleyd.toml"


@pytest.fixture(scope="module", params=debian_system.RELEASES)
def release(request):
    return request.param


@pytest.fixture(scope="module")
def folder(release, tmp_path_factory):
    """The packages for amd64, and those of a next version, which are the same but for that."""
    folder = debian_system.made_packages(tmp_path_factory.mktemp("packages"), release, "amd64")
    for deb in list(folder.iterdir()):
        _next_version(deb, folder)
    return folder


def _next_version(deb, folder):
    with tempfile.TemporaryDirectory() as tree:
        subprocess.run(["dpkg-deb", "--raw-extract", deb, tree], check=True)
        control = Path(tree) / "DEBIAN" / "control"
        control.write_text(re.sub(r"(?m)^Version: ", "Version: 1:", control.read_text()))
        renamed = folder / f"newer-{deb.name}"
        done = processes.run(["dpkg-deb", "--root-owner-group", "--build", tree, str(renamed)])
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def debs(folder):
    return [debian_system.package(folder, name, "amd64") for name in ("parleyd", "parley")]


@pytest.fixture(scope="module")
def newer(folder):
    return [debian_system.package(folder, f"newer-{name}", "amd64") for name in ("parleyd", "parley")]


@pytest.fixture
def system(release, folder, debs):
    booted = debian_system.System(debian_system.clean_root(release, *debs), folder)
    yield booted
    booted.close()


@pytest.fixture
def clients(system):
    """clients(invite or options...): parley of the package, twice."""
    begun = []

    def begin(*command):
        begun.extend(system.parley(*command) for _ in range(2))
        return begun[-2:]

    yield begin
    for one in begun:
        one.close()


def _main_process(system):
    return int(system.run("systemctl", "show", "--property=MainPID", "--value", "parleyd"))


def _pin(system):
    return re.search(r'"pin": *"sha256:([^"]+)"', system.run("parleyd", "ctl", "status", "--json"))[1]


def _is_ready(system):
    return system.run("parleyd", "healthcheck", check=False) in ("", "ok") and _main_process(system)


def test_it_is_started_and_used(system, debs, clients):
    system.install(*debs)
    assert system.run("systemctl", "is-enabled", "parleyd") == "enabled"
    assert system.run("systemctl", "is-active", "parleyd") == "active", system.run("journalctl", "--unit=parleyd")
    assert system.run("parleyd", "healthcheck") in ("", "ok")
    owned = system.run("stat", "--format=%U %a", f"/proc/{_main_process(system)}", "/var/lib/parley")
    assert owned == "parley 555\nparley 700"
    debian_system.talk(*clients("pipe", debian_system.invite(_pin(system))))
    debian_system.talk(*clients("classic", "--timeout", "60s", "127.0.0.1:10000"))


def test_an_upgrade_goes_on_below_a_conversation(system, debs, newer, clients):
    """What has been set stays, too."""
    system.install(*debs)
    system.run("sed", "--in-place", "s/^classic-listen.*/classic-listen = \"none\"/", _CONFIG)
    system.run("systemctl", "restart", "parleyd")
    alice, bob = clients("pipe", debian_system.invite(_pin(system)))
    said = [message("alice", number) for number in range(1, 201)]
    for line in said[:100]:
        alice.type(line)
    bob.hears(said[99])
    before = _main_process(system)
    upgrade = processes.start([*system.launcher, "dpkg", "--install", *(f"/packages/{deb.name}" for deb in newer)])
    for line in said[100:]:
        alice.type(line)
    alice.finish_input()
    assert upgrade.wait(300) == 0
    eventually(lambda: _is_ready(system), "the new one is ready")
    assert _main_process(system) != before
    eventually(lambda: len(bob.output().splitlines()) >= len(said), "all is heard")
    bob.finish_input()
    assert (alice.exit_status(), bob.exit_status()) == (0, 0), alice.errors() + bob.errors()
    verdict = judge(bob.output().decode().splitlines(), "alice", len(said))
    assert verdict.good(), verdict
    assert "none" in system.run("grep", "classic-listen", _CONFIG)
    journal = system.run("journalctl", "--unit=parleyd", "--output=cat")
    assert "Failed with result" not in journal, journal


def test_an_upgrade_starts_nothing_that_was_disabled(system, debs, newer):
    system.install(*debs)
    system.run("systemctl", "disable", "--now", "parleyd")
    system.install(*newer)
    assert system.run("systemctl", "is-enabled", "parleyd", check=False) == "disabled"
    assert system.run("systemctl", "is-active", "parleyd", check=False) == "inactive"


def test_nothing_is_left_of_it(system, debs):
    before = system.files()
    system.install(*debs)
    assert system.files() != before
    system.run("dpkg", "--remove", "parleyd", "parley")
    assert system.run("systemctl", "is-active", "parleyd", check=False) == "inactive"
    kept = {line.split(" ")[0] for line in system.files() - before}
    assert {_CONFIG, "/var/lib/parley/key.pem"} <= kept and not any("/bin/" in path for path in kept)
    system.run("dpkg", "--purge", "parleyd", "parley")
    assert system.files() == before
    assert system.run("systemctl", "list-units", "--all", "--plain", "--no-legend", "parley*") == ""


def test_it_asks_for_what_it_needs(release, debs):
    parleyd, parley = (debian_system.field(deb, "Depends") for deb in debs)
    assert "libssl3" in parleyd and "libprometheus-cpp-core" in parleyd and "systemd-sysusers" in parleyd
    assert "libssl3" in parley and "libedit2" in parley and "systemd" not in parley
    assert debian_system.field(debs[0], "Description").startswith("relay for two clients that cannot reach each other\n")
    crypto_mb = {"bookworm": "", "trixie": "libcrypto-mb11"}[release]
    assert debian_system.field(debs[0], "Recommends") == crypto_mb


def test_a_newer_release_has_the_newer_package(version, release, debs):
    """So that an upgrade of Debian brings it."""
    number = {"bookworm": 12, "trixie": 13}[release]
    assert {debian_system.field(deb, "Version") for deb in debs} == {f"{version}-1~deb{number}"}


def _contents(deb):
    """Paths of files and their modes."""
    listed = subprocess.run(["dpkg-deb", "--contents", deb], check=True, capture_output=True, text=True).stdout
    words = [line.split() for line in listed.splitlines()]
    assert {one[1] for one in words} == {"root/root"}
    return {one[5].removeprefix("."): one[0] for one in words}


def test_cmake_puts_the_same_in_place(root, debs, tmp_path):
    """But for what is Debian's way: manuals are compressed; configuration, licences and changes have their places."""
    if not (root / "build" / "cmake_install.cmake").exists():
        pytest.skip("no release build")
    done = processes.run(["cmake", "--install", str(root / "build"), "--prefix", str(tmp_path / "usr")], timeout=600)
    assert done.returncode == 0, done.stderr
    files = {str(path).removeprefix(str(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    installed = {re.sub(r"(/man/.*)", r"\1.gz", name) for name in files if not name.startswith("/usr/lib/parley/")}
    installed = {name.replace("/zsh/site-functions/", "/zsh/vendor-completions/") for name in installed}
    packaged = {name for deb in debs for name, mode in _contents(deb).items() if not mode.startswith("d")}
    own = re.compile(r"/usr/share/doc/parleyd?/(copyright|changelog(\.Debian)?\.gz|licences/.*)|" + _CONFIG)
    assert {name for name in packaged if not own.fullmatch(name)} == installed
    assert _CONFIG in packaged


def test_another_place_gives_the_same_packages(root, debs, release, tmp_path):
    """A copy of the tree elsewhere, built from nothing, as of the same commit."""
    if release != "trixie":
        pytest.skip("takes a whole build: trixie's stand for both")

    def git(*words):
        return processes.run(["git", "-C", str(root), *words]).stdout.strip()

    copy = tmp_path / "copy of the tree"
    for name in git("ls-files", "--cached", "--others", "--exclude-standard", "-z").rstrip("\0").split("\0"):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, copy / name)
    commit = {"REVISION": git("describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")}
    commit["SOURCE_DATE_EPOCH"] = git("log", "-1", "--format=%ct")
    others = debian_system.made_packages(tmp_path / "out", release, "amd64", source=copy, **commit)
    for deb in debs:
        assert _sha256(deb) == _sha256(others / deb.name)


def _sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_lintian_finds_no_error(release, folder, debs):
    lintian = debian_system.tool_root("lintian")
    system = debian_system.System(lintian, folder, init=("/bin/sleep", "infinity"))
    try:
        said = system.run("lintian", "--fail-on", "error", *(f"/packages/{deb.name}" for deb in debs), check=False)
        assert "E: " not in said, said
        assert system.run("lintian", "--version").startswith("Lintian v")
    finally:
        system.close()
