"""Waiting for a condition: never for a time."""

import os
import time

# Generous: a sanitizer's build on a busy machine is many times slower, and only a failing test waits this long.
PATIENCE = float(os.environ.get("PARLEY_TEST_PATIENCE", "60"))


def in_the_end(condition, timeout=PATIENCE, pause=0.005):
    """Polls until `condition` returns something true, and returns that; or, when the time is over, what it returned."""
    deadline = time.monotonic() + timeout
    while not (result := condition()) and time.monotonic() < deadline:
        time.sleep(pause)
    return result


def eventually(condition, what="", timeout=PATIENCE, pause=0.005):
    """As in_the_end(), but fails when the time is over. `what` is a text, or makes one."""
    result = in_the_end(condition, timeout, pause)
    if not result:
        raise AssertionError(f"not within {timeout:g} s: {what() if callable(what) else what or condition}")
    return result
