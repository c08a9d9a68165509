"""deploy/systemd: the units as they are installed are right by systemd's own tools, and the service is confined."""

import re
import shutil
from pathlib import Path

import pytest

from parley_tests import processes

_MOST_EXPOSURE = 1.5  # of 10
_SOCKETS = ("classic", "relay", "admin")


@pytest.fixture(scope="module")
def unit(root, tmp_path_factory):
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze")
    text = (root / "deploy/systemd/parleyd.service.in").read_text()
    path = tmp_path_factory.mktemp("unit") / "parleyd.service"
    path.write_text(text.replace("@BINDIR@", str(Path(processes.program("parleyd")).parent)))
    for name in _SOCKETS:
        shutil.copy(root / f"deploy/systemd/parleyd-{name}.socket", path.parent)
    return path


def test_the_unit_is_confined(unit):
    done = processes.run(["systemd-analyze", "security", "--offline=yes", str(unit)])
    exposure = float(re.search(r"Overall exposure level for parleyd.service: ([0-9.]+)", done.stdout)[1])
    assert exposure <= _MOST_EXPOSURE


def verify(unit):
    """What systemd says of the units themselves; not all units that they name are on this machine."""
    units = sorted(map(str, unit.parent.glob("parleyd*")))
    done = processes.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *units])
    return [line for line in done.stderr.splitlines() if "parleyd" in line]


def test_systemd_understands_all_of_it(unit):
    assert verify(unit) == []


def test_systemd_finds_a_mistake(unit, tmp_path):
    for one in unit.parent.iterdir():
        text = one.read_text().replace("FileDescriptorName=relay", "FileDescriptorNames=relay")
        (tmp_path / one.name).write_text(text)
    assert any("FileDescriptorNames" in line for line in verify(tmp_path / unit.name))


@pytest.mark.parametrize("name", _SOCKETS)
def test_a_socket_is_that_of_the_sample_configuration(root, name):
    sample = (root / "deploy/systemd/parleyd.toml").read_text()
    address = re.search(rf'^{name}-listen = "(.*)"', sample, re.MULTILINE)[1]
    lines = (root / f"deploy/systemd/parleyd-{name}.socket").read_text().splitlines()
    assert {f"ListenStream={address.removeprefix('*:')}", f"FileDescriptorName={name}"} <= set(lines)
    assert "Service=parleyd.service" in lines
    assert not any(line.startswith("Accept=") for line in lines), "each connection would be a service of its own"


def test_parleyd_takes_the_sample_configuration(root, tmp_path):
    sample = (root / "deploy/systemd/parleyd.toml").read_text()
    config = tmp_path / "parleyd.toml"
    config.write_text(sample.replace("/var/lib/parley", str(tmp_path / "state")))
    done = processes.run([processes.program("parleyd"), "--check-config", "--config", str(config)])
    assert done.returncode == 0, done.stderr
    assert "ExecStart=@BINDIR@/parleyd --config /etc/parley/parleyd.toml " in (
        root / "deploy/systemd/parleyd.service.in"
    ).read_text()


def test_it_has_time_to_drain(root):
    text = (root / "deploy/systemd/parleyd.service.in").read_text()
    assert int(re.search(r"TimeoutStopSec=([0-9]+)s", text)[1]) >= 30 + 5
