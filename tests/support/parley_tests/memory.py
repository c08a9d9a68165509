"""What a process holds in its memory."""

import re
from pathlib import Path

_OVERLAP = 4096  # needles are shorter
_PIECE = 16 << 20
# Nothing of a program's is as large; the terabytes in which a sanitizer keeps notes about memory are.
_MOST = 64 << 30


def found_in_memory(pid, needles):
    """Those of the needles (bytes) that lie somewhere in what the process may write to."""
    found = set()
    heads = {needle[:8] for needle in needles}  # mostly the same ones, and quicker to look for
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            begin, end, access = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+)", line).groups()
            if "w" not in access:
                continue
            at, end = int(begin, 16), int(end, 16)
            if end - at > _MOST:
                continue
            while at < end:
                try:
                    memory.seek(at)
                    data = memory.read(min(_PIECE, end - at))
                except OSError:  # ThreadSanitizer maps more than there is
                    break
                if any(head in data for head in heads):
                    found |= {needle for needle in needles if needle in data}
                at += max(len(data) - _OVERLAP, 1) if at + len(data) < end else max(len(data), 1)
    return found


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
