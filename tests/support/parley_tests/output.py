"""What a program writes: into a file of no name, so that it never waits for a reader."""

import os
import tempfile


class Output:
    """For stdout= or stderr=; all of it may be read again and again while the program runs."""

    def __init__(self):
        self._file = tempfile.TemporaryFile()

    def fileno(self):
        return self._file.fileno()

    def size(self):
        return os.fstat(self.fileno()).st_size

    def data(self):
        return os.pread(self.fileno(), self.size(), 0)

    def text(self):
        return self.data().decode(errors="replace")
