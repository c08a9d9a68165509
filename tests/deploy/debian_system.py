"""Debian systems of their own, in which packages are made and tried. Everything here needs root and a Debian mirror."""

import os
import re
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

from parley_tests import processes
from parley_tests.output import Output
from parley_tests.programs import Program, new_invite
from parley_tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
RELEASES = ("bookworm", "trixie")
_ROOTS = ROOT / "build" / "packages"
_CANNOT = 77  # the exit status of what cannot be done here
_SECONDS = 3600
# What changes with every installation, whatever is installed.
_DPKG = r"/var/(log|cache|lib/dpkg|lib/apt)(/.*)?|/etc/(passwd|group|g?shadow|sub[ug]id)-"
_USERS = ("passwd", "group", "shadow", "gshadow")

# Package lists are not kept in a root that make-root has made.
_SATISFY = """
root=$1; shift
mount -t proc proc "$root/proc"
cp /etc/resolv.conf "$root/etc/"
satisfy=(chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get -qq satisfy --yes --no-install-recommends "$@")
"${satisfy[@]}" || { chroot "$root" apt-get -qq update; "${satisfy[@]}"; }
"""


def _done(*command, **options):
    """What it says, when it could be done."""
    if os.environ.get("PARLEY_OWN_ENGINE") == "no":
        pytest.skip("takes minutes; ./dev test deploy does it")
    done = processes.run([str(word) for word in command], timeout=_SECONDS, **options)
    if done.returncode == _CANNOT:
        pytest.skip(f"no Debian packages: {done.stdout.strip()}")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def made_packages(out, release, *architectures, source=ROOT, **env):
    """The folder of them in `out`, for a release of Debian, made of this tree or of another."""
    environment = processes.clean_environment(PARLEY_ROOTS=str(_ROOTS), **env)
    _done(source / "deploy/packages/build", out, release, *architectures, env=environment)
    return out / release


def package(folder, name, architecture):
    return next(Path(folder).glob(f"{name}_*_{architecture}.deb"))


def field(deb, name):
    return processes.run(["dpkg-deb", "--field", str(deb), name]).stdout.strip()


def _dependencies(deb, architecture):
    """As apt takes them, those that are libraries for that architecture."""
    wanted = field(deb, "Depends").split(", ")
    return ", ".join(re.sub(r"^(lib[\w.+-]+)", rf"\1:{architecture}", one) for one in wanted)


def clean_root(release, *debs):
    """A system of that release in which everything is that these packages depend on, but none of them. It is kept: what
    it has is not fetched again."""
    root = _ROOTS / f"{release}-clean"
    emulator = "qemu-user-static" if release == "bookworm" else "qemu-user"  # for arm64
    if not root.exists():
        _done(ROOT / "deploy/packages/make-root", release, root, "systemd-sysv", "libpam-systemd", "dbus", emulator)
        (root / "etc/machine-id").write_text("0123456789abcdef0123456789abcdef\n")
    wanted = [_dependencies(deb, field(deb, "Architecture")) for deb in debs]
    _done("unshare", "--mount", "bash", "-euc", _SATISFY, "-", root, *wanted)
    return root


def tool_root(name):
    """A system of Debian 12 that has a program."""
    root = _ROOTS / name
    if not root.exists():
        _done(ROOT / "deploy/packages/make-root", "bookworm", root, name)
    return root


class System:
    """A machine that runs a clean root, with `packages` at /packages in it; by systemd, or with another process 1."""

    def __init__(self, root, packages, init=("/lib/systemd/systemd",)):
        self._folder = tempfile.TemporaryDirectory(prefix="parley-system-")
        self._log = Output()
        command = [ROOT / "tests/deploy/boot", root, self._folder.name, packages, *init]
        self._boot = processes.start([str(word) for word in command], stdout=self._log, stderr=self._log)
        try:
            eventually(lambda: self._has_booted(init[0]), lambda: f"booted: {self._log.text()[-2000:]}")
        except BaseException:
            self.close()
            raise

    def _init(self):
        """Process 1 as it is called outside."""
        return child_of(child_of(self._boot.pid))

    def _has_booted(self, init):
        if self._boot.poll() is not None:
            pytest.skip(f"no system can be booted here: {self._log.text().strip()[-300:]}")
        try:
            if os.readlink(f"/proc/{self._init()}/exe").rsplit("/")[-1] != init.rsplit("/")[-1]:
                return False
        except (OSError, ValueError):
            return False
        self.launcher = ["nsenter", "--target", str(self._init()), "--all", "--"]
        if not init.endswith("systemd"):
            return True
        return self.run("systemctl", "is-system-running", check=False) in ("running", "degraded")

    def run(self, *command, check=True, timeout=300):
        """What it prints, without the end of the line."""
        done = processes.run([*self.launcher, *command], timeout=timeout, stdin=subprocess.DEVNULL)
        assert not check or done.returncode == 0, f"{command}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout.strip()

    def install(self, *debs):
        """Packages by their names in /packages, which may ask nothing."""
        files = [f"/packages/{deb.name}" for deb in debs]
        return self.run("env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--install", *files)

    def files(self):
        """What there is, but for what every installation changes: each path with its type, mode, owner and target."""
        found = self.run("find", "/", "-xdev", "-printf", "%p %y %m %U %G %l\\n").splitlines()
        kept = [line for line in found if not re.fullmatch(_DPKG, line.split(" ")[0])]
        users = {f"{name}: {line}" for name in _USERS for line in self.run("cat", f"/etc/{name}").splitlines()}
        return set(kept) | users

    def parley(self, *command, emulator=()):
        return Program(*command, launcher=[*self.launcher, *emulator], program="/usr/bin/parley")

    def close(self):
        if self._boot.poll() is None:
            os.kill(child_of(self._boot.pid), signal.SIGKILL)  # process 1 goes with it, and all else
        self._boot.wait(60)
        self._folder.cleanup()


def child_of(process):
    """The one process that it has started, as it is called outside."""
    (child,) = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return int(child)


def talk(alice, bob):
    """A line each way."""
    for one, other, text in ((alice, bob, "hello from alice"), (bob, alice, "hello from bob")):
        one.type(text)
        other.hears(text)


def invite(pin, port=10443):
    return new_invite(pin)(("127.0.0.1", port))
