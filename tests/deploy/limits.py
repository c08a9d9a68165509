"""Values as parleyd's settings and Kubernetes write them, and the rules between them."""

import re

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
_BYTES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}

# docs/deployment.md, "Memory".
_LEG_BYTES = 2 * 64 * 1024 + 64 * 1024
_BASE_BYTES = 64 * 1024 * 1024


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)(ms|s|m|h)", text).groups()
    return int(number) * _SECONDS[unit]


def quantity(text):
    number, unit = re.fullmatch(r"(\d+)(\w*)", str(text)).groups()
    return int(number) * _BYTES[unit]


def most_memory(connections):
    """What parleyd holds at most, every buffer full, with the default --buffer-limit."""
    return _BASE_BYTES + int(connections) * _LEG_BYTES
