"""Waiting for a condition: never for a time."""

import os
import time

# Generous: a sanitizer's build on a busy machine is many times slower, and only a failing test waits this long.
PATIENCE = float(os.environ.get("PARLEY_TEST_PATIENCE", "60"))


def in_the_end(condition, timeout=PATIENCE, pause=None):
    """Polls until `condition` returns something true, and returns that; or, when the time is over, what it returned.
    Without a `pause` rarer the longer it takes, as asking may cost more than what is waited for."""
    begin = time.monotonic()
    while not (result := condition()) and (waited := time.monotonic() - begin) < timeout:
        time.sleep(pause or min(max(0.005, waited / 10), 0.1))
    return result


def eventually(condition, what="", timeout=PATIENCE, pause=None):
    """As in_the_end(), but fails when the time is over. `what` is a text, or makes one."""
    result = in_the_end(condition, timeout, pause)
    if not result:
        raise AssertionError(f"not within {timeout:g} s: {what() if callable(what) else what or condition}")
    return result
