"""What a process holds in its memory."""

import re

_OVERLAP = 4096  # needles are shorter
_PIECE = 16 << 20
# Nothing of a program's is as large; the terabytes in which a sanitizer keeps notes about memory are.
_MOST = 64 << 30


def found_in_memory(pid, needles):
    """Those of the needles (bytes) that lie somewhere in what the process may write to."""
    found = set()
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
                found |= {needle for needle in needles if needle in data}
                at += max(len(data) - _OVERLAP, 1) if at + len(data) < end else max(len(data), 1)
    return found
