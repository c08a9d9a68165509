"""The command-line client, by pipes."""

import os
import subprocess
import tempfile

from . import processes
from .waiting import eventually


class Parley:
    """`parley classic` with its standard input held open until finish_input()."""

    def __init__(self, relay_address, *arguments):
        host, port = relay_address
        if "--timeout" not in arguments:  # on a busy machine the relay's key may take longer than people would wait
            arguments = ("--timeout", "60s", *arguments)
        self._stdout = tempfile.TemporaryFile()
        self._stderr = tempfile.TemporaryFile()
        self._process = processes.start(
            [processes.program("parley"), "classic", *arguments, f"{host}:{port}"],
            stdin=subprocess.PIPE,
            stdout=self._stdout,
            stderr=self._stderr,
        )

    def type(self, line):
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def finish_input(self):
        self._process.stdin.close()

    @staticmethod
    def _text_of(file):
        return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode(errors="replace")

    def output(self):
        return self._text_of(self._stdout)

    def errors(self):
        return self._text_of(self._stderr)

    def hears(self, text):
        eventually(lambda: text in self.output(), f"parley prints {text!r}; it printed {self.output()!r}")

    def exit_status(self, timeout=60):
        return self._process.wait(timeout)

    def close(self):
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if not self._process.stdin.closed:
            try:
                self._process.stdin.close()
            except BrokenPipeError:
                pass
