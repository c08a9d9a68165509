"""Many small files onto a disk that takes its time, beside one that takes none."""

import statistics
import time
from pathlib import Path

from . import processes
from .programs import MortalRelay, new_invite
from .transfers import Receiving, Sending, ended, make_folder, said, tree_digest

_SIZES = ((1000, 1000), (100, 4000), (100, 50_000))
_WAIT = 0.3  # seconds, for each sync
_WAITS = 2  # that there must be at the end: for what is in the files, and for their names
_BAR = 1.3  # times what it takes with those two alone
_PATIENCE = 600


def _seconds(place, certificate, source, wait):
    """What it takes; None if not all has come."""
    place.mkdir()
    into = place / "in"
    into.mkdir()
    relay = MortalRelay(place, certificate)
    meeting = {"invite": new_invite(relay.pin)(relay.address), "directory": place}
    slow = ("env", f"LD_PRELOAD={processes.program('slow_disk.so')}", f"SLOW_DISK_MS={int(wait * 1000)}")
    begin = time.monotonic()
    both = Receiving(into, **meeting, launcher=slow), Sending(source, **meeting)
    try:
        good = ended(*both, timeout=_PATIENCE) == [0, 0]
        took = time.monotonic() - begin
        if good and tree_digest(into / source.name) == tree_digest(source):
            return took
        print(said(*both))
        return None
    finally:
        for one in (*both, relay):
            one.close()


def run(directory, certificate, files, rounds, report):
    """True when all came, and no slower than it may."""
    passed = True
    for sizes in _SIZES:
        name = f"{sizes[0]}-{sizes[1]}"
        source = make_folder(Path(directory) / name, files, sizes)
        took = {0: [], _WAIT: []}
        for number in range(rounds):
            for wait, seconds in took.items():
                seconds.append(_seconds(Path(directory) / f"{name} {wait} {number}", certificate, source, wait))
        if None in took[0] + took[_WAIT]:
            return False
        none, slow = (statistics.median(seconds) for seconds in took.values())
        ratio = slow / (none + _WAITS * _WAIT)
        passed = passed and ratio <= _BAR
        report(
            f"{files} files of {sizes[0]} to {sizes[1]} bytes: {none:.2f} s on a disk that takes no time, {slow:.2f} s "
            f"({min(took[_WAIT]):.2f}-{max(took[_WAIT]):.2f}) with {_WAIT} s for each wait: {ratio:.2f} times what it "
            f"takes with {_WAITS} waits at the end (at most {_BAR})"
        )
    return passed
