"""parley as one file (the preset "portable"): it needs nothing but a kernel. Tried in a root that holds nothing else,
and in that of an older distribution: Debian 11, unpacked from the machine's mirror, or the folder that PARLEY_OLD_ROOT
names, which is written to.

What it does not prove: that an older kernel than this machine's will do, but by what the file says that it asks for."""

import os
import re
import shutil
import subprocess
import time

import pytest

from parley_tests import processes
from parley_tests.certificates import Certificate
from parley_tests.name_server import name_server
from parley_tests.programs import new_invite
from parley_tests.relay import Relay
from parley_tests.rooms import RELAY_ALONE
from parley_tests.terminal import ChatTerminal

NAME = "relay.example"
TEXT = "Grüße, 世界 — до свидания"
_BUILD_SECONDS = 3600

pytestmark = pytest.mark.xdist_group("portable")


@pytest.fixture(scope="session")
def binary(root):
    if os.environ.get("PARLEY_OWN_ENGINE") == "no":
        pytest.skip("takes minutes to build; ./dev test deploy")
    built = processes.run([root / "dev", "build", "portable"], timeout=_BUILD_SECONDS)
    if "cannot be had" in built.stderr:
        pytest.skip(built.stderr.strip())
    assert built.returncode == 0, built.stdout[-3000:] + built.stderr[-3000:]
    return root / "build/portable/bin/parley"


class Place:
    """A root in which the program is, under its own path."""

    def __init__(self, root, binary):
        self.root = root
        self.binary = str(binary)
        self.launcher = ["chroot", str(root)]
        copy = root / self.binary[1:]
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(binary, copy)

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def start(self, *arguments):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return processes.start([*self.launcher, self.binary, *map(str, arguments)], **pipes)

    def run(self, *arguments):
        """Where nothing says where authorities are."""
        env = {name: text for name, text in processes.clean_environment().items() if not name.startswith("SSL_CERT_")}
        return processes.run([*self.launcher, self.binary, *map(str, arguments)], input="", env=env)

    def chat(self, *arguments, **env):
        return ChatTerminal(*arguments, launcher=self.launcher, program=self.binary, env={"LANG": "de_DE.UTF-8"} | env)


def _needs_root():
    if os.getuid() != 0:
        pytest.skip("chroot needs root")


@pytest.fixture
def empty(binary, tmp_path):
    """Nothing is in it but the file."""
    _needs_root()
    (tmp_path / "root").mkdir()
    return Place(tmp_path / "root", binary)


@pytest.fixture(scope="session")
def old(binary, root, tmp_path_factory):
    _needs_root()
    given = os.environ.get("PARLEY_OLD_ROOT")
    if given:
        yield Place(root / given, binary)
        return
    tree = tmp_path_factory.mktemp("old") / "root"
    packages = ("libc6", "libc-bin", "bash", "coreutils", "ncurses-base", "libtinfo6")
    had = processes.run([root / "cmake/unpack-debian", "bullseye", tree, *packages], timeout=300)
    if had.returncode:
        pytest.skip(f"no old root: {had.stdout.strip()}; PARLEY_OLD_ROOT names another")
    yield Place(tree, binary)


@pytest.fixture(params=["empty", "old"])
def place(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def authority(tmp_path):
    (tmp_path / "certificate").mkdir()
    return Certificate(tmp_path / "certificate", subject_alternatives=f"DNS:{NAME},IP:127.0.0.1")


@pytest.fixture
def relay(clients, authority):
    relay = Relay(**RELAY_ALONE | {"classic_listen": "127.0.0.1:0"}, cert=authority.certificate, key=authority.key)
    clients.append(_Stopped(relay))
    return relay


class _Stopped:
    def __init__(self, relay):
        self.close = relay.kill


def test_it_asks_for_a_kernel_alone(binary):
    """No interpreter, no library, and Linux 3.2: all of 2012 and later."""
    shown = processes.run(["readelf", "--wide", "--program-headers", "--dynamic", "--notes", binary]).stdout
    assert "INTERP" not in shown and "NEEDED" not in shown
    assert re.search(r"OS: Linux, ABI: 3\.2\.0", shown), shown
    size = binary.stat().st_size
    print(f"{size / 1e6:.1f} MB")
    assert size < 20e6
    assert "INTERP" in processes.run(["readelf", "--wide", "--program-headers", "/bin/sh"]).stdout, "as others show"


def test_version_and_help(place, version):
    shown = place.run("--version")
    assert shown.stdout.startswith(f"parley {version}") and shown.stderr == ""
    assert "parley chat" in place.run("--help").stdout


def pass_text_through(ends):
    """Through two pipes, and both end well."""
    for end, text in zip(ends, ("one\n", TEXT + "\n")):
        end.stdin.write(text)
        end.stdin.close()
        end.stdin = None
    heard = [end.communicate(timeout=60) for end in ends]
    assert [end.returncode for end in ends] == [0, 0], heard
    assert [out for out, _ in heard] == [TEXT + "\n", "one\n"]


def test_a_pipe_by_relay_1(place, relay, authority):
    invite = new_invite(authority.pin)(relay.address_of("relay"))
    pass_text_through([place.start("pipe", invite) for _ in range(2)])


def test_a_pipe_by_classic(place, relay):
    host, port = relay.classic
    pass_text_through([place.start("classic", "--timeout", "60s", f"{host}:{port}") for _ in range(2)])


def test_names_by_the_hosts_file(place, relay, authority):
    """Whatever modules the system's own programs are to ask, which this one could not load."""
    place.write("etc/hosts", f"127.0.0.1 {NAME}\n")
    place.write("etc/nsswitch.conf", "hosts: resolve [!UNAVAIL=return] mdns4_minimal [NOTFOUND=return]\npasswd: sss\n")
    checked = place.run("check", "--pin", f"sha256:{authority.pin}", f"{NAME}:{relay.address_of('relay')[1]}")
    assert checked.returncode == 0, checked.stderr


def test_no_modules_of_openssl(place, relay, authority):
    """A configuration that names one, which would be made for another OpenSSL."""
    place.write(
        "usr/lib/ssl/openssl.cnf",
        "config_diagnostics = 1\nopenssl_conf = own\n[own]\nproviders = all\n[all]\nother = other\n"
        "[other]\nmodule = /nonexistent.so\nactivate = 1\n",
    )
    checked = place.run("check", "--pin", f"sha256:{authority.pin}", "127.0.0.1:%d" % relay.address_of("relay")[1])
    assert checked.returncode == 0, checked.stderr


def test_names_by_dns(place, relay, authority):
    place.write("etc/hosts", "")
    place.write("etc/resolv.conf", "nameserver 127.53.0.1\n")
    where = f"{NAME}:{relay.address_of('relay')[1]}"
    with name_server(NAME, "127.0.0.1", at="127.53.0.1") as asked:
        checked = place.run("check", "--pin", f"sha256:{authority.pin}", where)
        assert checked.returncode == 0, checked.stderr
        assert "nobody.example" in place.run("check", "nobody.example").stderr
    assert NAME in asked and "nobody.example" in asked


BUNDLES = [
    "etc/ssl/certs/ca-certificates.crt",
    "etc/pki/tls/certs/ca-bundle.crt",
    "etc/ssl/ca-bundle.pem",
    "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "etc/ssl/cert.pem",
]


@pytest.mark.parametrize("bundle", BUNDLES)
def test_authorities_where_distributions_have_them(empty, relay, authority, bundle):
    where = "127.0.0.1:%d" % relay.address_of("relay")[1]
    refused = empty.run("check", where)
    assert refused.returncode == 3
    assert "this system has no list of authorities: install its package ca-certificates" in refused.stderr
    empty.write(bundle, authority.certificate.read_text())
    checked = empty.run("check", where)
    assert checked.returncode == 0, checked.stderr
    empty.write(bundle, Certificate(authority.certificate.parent, "other").certificate.read_text())
    assert "nobody known here vouches" in empty.run("check", where).stderr


def test_a_line_is_edited(place, relay, authority, clients):
    """Keys, and characters of two columns, though there is no locale, and neither an entry for the terminal."""
    with_pin = ("--pin", f"sha256:{authority.pin}")
    a = place.chat("--relay", "127.0.0.1:%d" % relay.address_of("relay")[1], *with_pin, "--name", "alice")
    clients.append(a)
    b = place.chat(a.invite(), "--name", "bob")
    clients.append(b)
    a.sees("bob is there")
    b.sees("alice is there")
    a.type("世界")
    assert a.shows("you: 世").startswith("you: 世")
    assert a.cursor[1] == len("you: ") + 4
    a.type("\x1b[D\x1b[DGrüße, \x1b[F — до свиданияx\x7f\r")
    b.sees(f"alice: {TEXT}")
    assert "Grüße" in a.shows("you: Grüße")
    b.type("ade\x1b[Hsch\r")
    a.sees("bob: schade")
    for one in (a, b):
        one.type("/quit\r")
        assert one.exit_status() == 0
    assert not list(place.root.rglob("LC_CTYPE*")) or place.root.joinpath("usr/lib/locale").exists()
    assert not list(place.root.glob("**/parley-??????")), "the folder of a moment is gone"


def test_it_starts_soon(binary):
    """The fastest of some: others use the machine too."""

    def best(program):
        times = []
        for _ in range(20):
            begin = time.monotonic()
            subprocess.run([program, "--version"], stdout=subprocess.DEVNULL, check=True)
            times.append(time.monotonic() - begin)
        return min(times)

    alone, shared = best(binary), best(processes.program("parley"))
    print(f"starts in {alone * 1e3:.1f} ms; with shared libraries {shared * 1e3:.1f} ms")
    assert alone < 2 * shared
