"""`parley send` and `parley receive`, run, killed and started again."""

import hashlib
import json
import random
from pathlib import Path

from .programs import Program
from .waiting import eventually

PART = ".parley-part"


class Sending(Program):
    def __init__(self, *paths, **options):
        super().__init__("send", *map(str, paths), "--json", **options)


class Receiving(Program):
    def __init__(self, into, *arguments, **options):
        super().__init__("receive", "--into", str(into), *arguments, "--json", **options)


def events(program):
    """What it has told until now; the last line may still be half written."""
    return [json.loads(line) for line in program.output().decode().split("\n")[:-1]]


def said(*programs):
    return "\n".join(f"{program.errors()}\n{program.output().decode()[-2000:]}" for program in programs)


def ended(*programs, timeout):
    """Their exit statuses, once all have ended."""
    eventually(lambda: not any(program.is_running() for program in programs), lambda: said(*programs), timeout=timeout)
    return [program.exit_status() for program in programs]


def tree_digest(folder):
    """One digest of all names, modes of files, and contents below a folder."""
    digest = hashlib.sha256()
    for path in sorted(Path(folder).rglob("*")):
        digest.update(repr((str(path.relative_to(folder)), path.is_dir())).encode())
        if not path.is_dir():
            digest.update(oct(path.stat().st_mode).encode() + file_digest(path).encode())
    return digest.hexdigest()


def file_digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def make_file(path, size, seed=0):
    """Of bytes that are nowhere the same, made quickly."""
    block = bytearray(random.Random(seed).randbytes(1 << 20))
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        for number in range(0, size, len(block)):
            block[:8] = number.to_bytes(8, "big")
            file.write(block[: size - number])
    return path


def make_folder(folder, files, sizes, seed=0):
    """So many files in folders of forty, of sizes between the two given, some of them empty."""
    draw = random.Random(seed)
    for number in range(files):
        size = 0 if number % 40 == 7 else draw.randint(*sizes)
        path = folder / f"part {number // 40}" / f"file-{number:04}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(draw.randbytes(size))
    (folder / "nothing in it").mkdir(parents=True)
    return folder


def received_bytes(folder):
    """What is there already, complete or not."""
    total = 0
    for path in Path(folder).rglob("*"):
        try:
            total += 0 if path.is_dir() else path.stat().st_size
        except FileNotFoundError:
            pass  # it has got its name meanwhile
    return total
