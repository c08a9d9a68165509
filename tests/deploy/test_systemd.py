"""deploy/systemd: the unit as it is installed is right by systemd's own tools, and confined."""

import re
import shutil
from pathlib import Path

import pytest

from parley_tests import processes

_MOST_EXPOSURE = 1.5  # of 10


@pytest.fixture(scope="module")
def unit(root, tmp_path_factory):
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze")
    text = (root / "deploy/systemd/parleyd.service.in").read_text()
    path = tmp_path_factory.mktemp("unit") / "parleyd.service"
    path.write_text(text.replace("@BINDIR@", str(Path(processes.program("parleyd")).parent)))
    return path


def test_the_unit_is_confined(unit):
    done = processes.run(["systemd-analyze", "security", "--offline=yes", str(unit)])
    exposure = float(re.search(r"Overall exposure level for parleyd.service: ([0-9.]+)", done.stdout)[1])
    assert exposure <= _MOST_EXPOSURE


def test_systemd_understands_all_of_it(unit):
    done = processes.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(unit)])
    said = [line for line in done.stderr.splitlines() if "parleyd.service" in line]
    assert said == []


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
