"""Waiting for a condition: never for a time."""

import os
import time

# Generous: a sanitizer's build on a busy machine is many times slower, and only a failing test waits this long.
PATIENCE = float(os.environ.get("PARLEY_TEST_PATIENCE", "60"))


def eventually(condition, what="", timeout=PATIENCE, pause=0.005):
    """Polls until `condition` returns something true, and returns that. `what` is a text, or makes one."""
    deadline = time.monotonic() + timeout
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout:g} s: {what() if callable(what) else what or condition}")
        time.sleep(pause)
