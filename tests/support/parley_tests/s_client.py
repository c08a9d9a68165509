"""`openssl s_client`, as a client of relay/1 that one can see into."""

import os
import subprocess

from .waiting import eventually


class SClient:
    """An s_client whose standard input stays open."""

    def __init__(self, address, *options, alpn="relay/1"):
        offered = ["-alpn", alpn] if alpn else []
        self._process = subprocess.Popen(
            ["stdbuf", "-o0", "openssl", "s_client", "-connect", "%s:%d" % address, *offered, *map(str, options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        os.set_blocking(self._process.stdout.fileno(), False)
        self.output = b""

    def send(self, data):
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended, and shows why

    def shows(self, *wanted):
        def found():
            self.output += self._process.stdout.read() or b""
            return all(one in self.output for one in wanted)

        eventually(found, f"s_client shows {wanted}")

    @staticmethod
    def wait_for_session(path):
        """Of -sess_out: the whole of it."""
        eventually(lambda: path.exists() and "-----END" in path.read_text(), "the session is saved")

    def close(self):
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()
