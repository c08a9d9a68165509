"""`parley receive` and a disk that runs full, or a folder that can no longer be written, in mid-file: what came is kept,
both sides are told why, and the next run goes on."""

import contextlib
import os
import signal
import subprocess

import pytest

from parley_tests import processes
from parley_tests.programs import new_invite
from parley_tests.transfers import PART, Receiving, Sending, ended, events, file_digest, make_file, said
from parley_tests.waiting import eventually

SIZE = 40_000_000


@pytest.fixture
def double(double):
    """So slow that what is done when some of it is there is done long before all is."""
    double.command("pace 8000000")
    return double


@pytest.fixture
def meeting(double, tmp_path):
    def start():
        return {"invite": new_invite(double.pin)(double.address), "directory": tmp_path}

    return start


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 64 MB in a mount namespace of its own: (launcher of programs that see it, path, way to look in).
    """
    mount = tmp_path / "disk"
    mount.mkdir()
    script = 'mount -t tmpfs -o size=64m none "$0" && echo mounted && exec sleep 600'
    command = ["unshare", "-m", "sh", "-c", script, str(mount)]
    holder = processes.start(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if holder.stdout.readline() != b"mounted\n":
        holder.wait()
        pytest.skip("no mount namespace: " + holder.stderr.read().decode().strip())
    yield ["nsenter", "-t", str(holder.pid), "-m"], mount, f"/proc/{holder.pid}/root{mount}"
    holder.kill()
    holder.wait()


def of_kind(program, kind):
    return [event for event in events(program) if event["event"] == kind]


@pytest.mark.needs_root
def test_a_disk_that_runs_full(small_disk, meeting, clients, tmp_path):
    launcher, into, seen = small_disk
    source = make_file(tmp_path / "big.bin", SIZE)

    def start():
        where = meeting()
        pair = Sending(source, **where), Receiving(into, launcher=launcher, **where)
        clients.extend(pair)
        return pair

    def there():
        try:
            return os.stat(f"{seen}/big.bin{PART}").st_size
        except FileNotFoundError:
            return 0

    sender, receiver = start()
    eventually(lambda: there() > 1_000_000, lambda: said(sender, receiver), pause=0.001)
    sender.signal(signal.SIGSTOP)  # so that the disk is full before the rest comes
    with open(f"{seen}/filler", "wb", buffering=0) as filler, contextlib.suppress(OSError):
        while filler.write(bytes(1 << 16)):
            pass
    sender.signal(signal.SIGCONT)
    assert ended(sender, receiver, timeout=120) == [1, 1], said(sender, receiver)
    reason = of_kind(receiver, "failed")[0]["reason"]
    assert reason.startswith("the receiving disk is full; make room and have it sent again to go on (")
    assert reason.endswith(f"are kept as big.bin{PART})")
    failed = of_kind(sender, "failed")[0]
    assert failed["by"] == "other" and failed["reason"].startswith("the receiving disk is full")
    kept = there()
    assert kept >= 1_000_000
    os.unlink(f"{seen}/filler")
    sender, receiver = start()
    assert ended(sender, receiver, timeout=120) == [0, 0], said(sender, receiver)
    assert of_kind(receiver, "started")[0]["offset"] == kept
    assert file_digest(f"{seen}/big.bin") == file_digest(source)
    assert os.listdir(seen) == ["big.bin"]


def test_a_folder_that_can_no_longer_be_written(meeting, clients, tmp_path):
    launcher = []
    if os.geteuid() == 0:  # root may write anywhere, unless that is taken from it
        launcher = ["setpriv", "--bounding-set=-dac_override"]
        if subprocess.run([*launcher, "true"], check=False).returncode != 0:
            pytest.skip("root without setpriv")
    into = tmp_path / "in"
    into.mkdir()
    source = make_file(tmp_path / "big.bin", SIZE)

    def start():
        where = meeting()
        pair = Sending(source, **where), Receiving(into, launcher=launcher, **where)
        clients.extend(pair)
        return pair

    sender, receiver = start()
    eventually(lambda: (into / f"big.bin{PART}").exists(), lambda: said(sender, receiver), pause=0.001)
    into.chmod(0o555)
    assert ended(sender, receiver, timeout=120) == [1, 1], said(sender, receiver)
    assert "permission denied; when it can, have it sent again to go on" in of_kind(receiver, "failed")[0]["reason"]
    assert os.listdir(into) == [f"big.bin{PART}"]
    into.chmod(0o755)
    sender, receiver = start()
    assert ended(sender, receiver, timeout=120) == [0, 0], said(sender, receiver)
    assert os.listdir(into) == ["big.bin"]
    assert file_digest(into / "big.bin") == file_digest(source)


def test_a_file_larger_than_the_limit_of_the_receiver(meeting, clients, tmp_path):
    into = tmp_path / "in"
    into.mkdir()
    where = meeting()
    large, small = make_file(tmp_path / "large.bin", 3_000_000), make_file(tmp_path / "small.bin", 1000)
    sender = Sending(large, small, **where)
    receiver = Receiving(into, launcher=["prlimit", "--fsize=1000000"], **where)
    clients.extend((sender, receiver))
    assert ended(sender, receiver, timeout=120) == [1, 1], said(sender, receiver)
    reason = of_kind(receiver, "failed")[0]["reason"]
    assert reason.startswith("is larger than the receiving file system, or the limit of its user (ulimit -f), allows")
    assert file_digest(into / "small.bin") == file_digest(small)
