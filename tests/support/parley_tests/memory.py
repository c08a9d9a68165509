"""What a process holds in its memory."""

import re
import resource
from pathlib import Path

_PAGE = resource.getpagesize()
_OVERLAP = _PAGE  # needles are shorter
_PIECE = 16 << 20
# Nothing of a program's is as large; the terabytes in which a sanitizer keeps notes about memory are.
_MOST = 64 << 30
_THERE = bytes(int(byte & 0xC0 != 0) for byte in range(256))  # bits 63 and 62 of a pagemap entry: in memory, in swap


def found_in_memory(pid, needles):
    """Those of the needles (bytes) that lie somewhere in what the process may write to."""
    found = set()
    heads = {needle[:8] for needle in needles}  # mostly the same ones, and quicker to look for
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for begin, end in _used(pid):
            for at in range(begin, end, _PIECE):
                memory.seek(at)
                data = memory.read(min(_PIECE + _OVERLAP, end - at))
                assert data, "the process has ended"
                if any(head in data for head in heads):
                    found |= {needle for needle in needles if needle in data}
    return found


def _used(pid):
    """Where the memory begins and ends that the process may write to and has used. Only to read the rest would use it,
    which is more than a machine has of what ThreadSanitizer sets aside."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/pagemap", "rb", buffering=0) as pagemap:
        mappings = list(maps)
        assert mappings, "the process has ended"
        for line in mappings:
            begin, end, access = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+)", line).groups()
            begin, end = int(begin, 16), int(end, 16)
            if "w" not in access or end - begin > _MOST:
                continue
            pagemap.seek(begin // _PAGE * 8)
            entries = pagemap.read((end - begin) // _PAGE * 8)
            for run in re.finditer(b"\x01+", entries[7::8].translate(_THERE)):
                yield begin + run.start() * _PAGE, begin + run.end() * _PAGE


def _status(pid, name):
    (kib,) = re.findall(rf"^{name}:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(kib) * 1024


def resident(pid):
    return _status(pid, "VmRSS")


def peak_resident(pid):
    return _status(pid, "VmHWM")


def is_sanitized(program):
    """Whether a sanitizer has been built into it, whose own memory would count."""
    text = Path(program).read_bytes()
    return b"__asan_" in text or b"__tsan_" in text
