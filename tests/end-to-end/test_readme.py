"""The README's way from nothing to two people on two machines, its lines as they stand: a network for the relay, and one
for each of the two. That ./dev install does what it says is in tests/deploy/test_install.py."""

import os
import re
import shlex
import shutil
import subprocess

import pytest

from parley_tests import processes
from parley_tests.output import Output
from parley_tests.terminal import Terminal
from parley_tests.waiting import PATIENCE, eventually

NAME, ADDRESS = "relay.example.org", "192.0.2.1"
NETS = {"alice": "198.51.100", "bob": "203.0.113"}
_ENTER = 'mount --bind "$1" /etc/hosts && cd "$2" && shift 2 && exec "$@"'
# What the README leaves open, as only the relay or the other side knows it.
OPEN = {"pin": "sha256:…", "invite": "parley://…"}


def section():
    text = (processes.ROOT / "README.md").read_text()
    return text.partition("## Two people, two machines\n")[2].partition("\n## ")[0]


def blocks():
    """The lines of each block of commands, without what is said of them."""
    found = re.findall(r"```\n(.*?)```", section(), re.DOTALL)
    return [[re.sub(r"\s{2,}#.*", "", line) for line in block.splitlines()] for block in found]


def command(line, **known):
    for what, value in known.items():
        line = line.replace(OPEN[what], value)
    assert "…" not in line, line
    return line


class Machines:
    def __init__(self, folder):
        self.folder = folder
        self.hosts = folder / "hosts"
        self.hosts.write_text(f"127.0.0.1 localhost\n{ADDRESS} {NAME}\n")
        self.namespaces = {name: f"parley-{name}-{os.getpid()}" for name in ("relay", *NETS)}

    def connect(self):
        for name, namespace in self.namespaces.items():
            self._ip("netns", "add", namespace)
            self._ip("-n", namespace, "link", "set", "lo", "up")
            self.home(name).mkdir()
        relay = self.namespaces["relay"]
        self._ip("-n", relay, "address", "add", ADDRESS + "/32", "dev", "lo")
        for name, net in NETS.items():
            own = self.namespaces[name]
            self._ip("-n", relay, "link", "add", name, "type", "veth", "peer", "name", "net0", "netns", own)
            for namespace, link, host in ((relay, name, 1), (own, "net0", 2)):
                self._ip("-n", namespace, "address", "add", f"{net}.{host}/24", "dev", link)
                self._ip("-n", namespace, "link", "set", link, "up")
            self._ip("-n", own, "route", "add", ADDRESS, "via", f"{net}.1")

    @staticmethod
    def _ip(*arguments):
        done = processes.run(["ip", *arguments])
        if done.returncode != 0:
            raise OSError(done.stderr.strip())

    def home(self, name):
        return self.folder / name

    def environment(self, name):
        path = os.path.dirname(processes.program("parley")) + ":" + os.environ["PATH"]
        return {"HOME": str(self.home(name)), "PATH": path, "XDG_CONFIG_HOME": "", "XDG_STATE_HOME": "", "PARLEY_NAME": ""}

    def at(self, name):
        enter = ["unshare", "-m", "sh", "-c", _ENTER, "sh", str(self.hosts), str(self.home(name))]
        return ["ip", "netns", "exec", self.namespaces[name], *enter]

    def shell(self, name, line, **options):
        options["env"] = processes.clean_environment(**self.environment(name))
        return processes.start([*self.at(name), "sh", "-c", line], **options)

    def run(self, name, line):
        done = self.shell(name, line, stdin=subprocess.DEVNULL, stdout=-1, stderr=-1, text=True)
        out, errors = done.communicate(timeout=60)
        assert done.returncode == 0, f"{line}: {errors}"
        return out

    def terminal(self, clients, name, line):
        program, *arguments = shlex.split(line)
        assert program == "parley"
        opened = Terminal(*arguments, launcher=self.at(name), env=self.environment(name) | {"NO_COLOR": "1"})
        clients.append(opened)
        return opened

    def close(self):
        for namespace in self.namespaces.values():
            processes.run(["ip", "netns", "delete", namespace])


@pytest.fixture
def machines(tmp_path):
    if not shutil.which("ip"):
        pytest.skip("no ip command: install iproute2")
    made = Machines(tmp_path)
    try:
        made.connect()
    except OSError as error:
        made.close()
        pytest.skip(f"network namespaces are not permitted here: {error}")
    yield made
    made.close()


@pytest.fixture
def relay(machines, clients):
    """The relay of the README's first block; its pin."""
    install, line = blocks()[0]
    assert install.split()[:2] == ["./dev", "install"]
    output, errors = Output(), Output()
    process = machines.shell("relay", "exec " + line, stdout=output, stderr=errors)
    try:
        eventually(lambda: b"\nready\n" in output.data(), lambda: f"{output.text()} {errors.text()}")
        yield re.search(r"pin (sha256:\S+)", output.text()).group(1)
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0, errors.text()


@pytest.mark.needs_root
def test_every_line_works_as_written(machines, relay, clients):
    _, once, (send,), (receive,) = blocks()
    assert once[0] == "./dev install"
    for name in NETS:
        said = [machines.run(name, command(line, pin=relay)) for line in once[1:]]
        assert f"{NAME}:10443 is well" in said[-1] and relay in said[-1]

    photos = machines.home("alice") / "photos"
    photos.mkdir()
    (photos / "one.jpg").write_bytes(os.urandom(100_000))
    (machines.home("alice") / "report.pdf").write_bytes(b"%PDF")
    alice = machines.terminal(clients, "alice", send)
    invite = alice.sees_like(r"parley receive '(parley://[^']+)'").group(1)
    bob = machines.terminal(clients, "bob", receive)
    bob.sees("Invite (not shown")
    bob.type(invite + "\r")
    bob.sees("Take it?")
    bob.type("y\r")
    assert (alice.exit_status(), bob.exit_status()) == (0, 0), alice.seen + bob.seen
    for path in ("photos/one.jpg", "report.pdf"):
        assert (machines.home("bob") / path).read_bytes() == (machines.home("alice") / path).read_bytes()

    here, there = re.search(r"or `(parley chat)` here and `(parley chat [^`]+)`", section()).groups()
    alice = machines.terminal(clients, "alice", here)
    login = processes.login_name()
    alice.sees(f"the other side sees you as {login}")
    bob = machines.terminal(clients, "bob", command(there, invite=alice.sees_like(r"'(parley://[^']+)'").group(1)))
    bob.sees(f"{login} is there")
    alice.sees(f"{login} is there")
    alice.type("hello, who is there?\r")
    bob.sees(f"{login}: hello, who is there?")
    bob.type("\x04")
    assert bob.exit_status() == 0


@pytest.mark.needs_root
def test_the_pipe_works_as_written(machines, relay, clients):
    for line in blocks()[1][1:]:
        for name in NETS:
            machines.run(name, command(line, pin=relay))
    here, there = re.search(r"In a pipe: `([^`]+)` here, `([^`]+)` there", section()).groups()
    folder = machines.home("alice") / "folder"
    folder.mkdir()
    (folder / "file").write_bytes(os.urandom(10_000))
    errors = Output()
    alice = machines.shell("alice", here, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors)
    eventually(lambda: "parley://" in errors.text(), errors.text)
    invite = re.search(r"parley://\S+", errors.text()).group()
    machines.run("bob", command(there, invite=invite))
    assert alice.wait(PATIENCE) == 0, errors.text()
    assert (machines.home("bob") / "folder" / "file").read_bytes() == (folder / "file").read_bytes()


def test_its_picture_has_no_names_but_those_of_its_prompts():
    text = (processes.ROOT / "README.md").read_text()
    picture = text.partition("<!-- picture:begin -->")[2].partition("<!-- picture:end -->")[0]
    prompts = set(re.findall(r"(\w+)\$ parley", picture))
    assert prompts == {"alice", "bob"}
    for name in prompts:
        assert f"the other side sees you as {name}" in picture
