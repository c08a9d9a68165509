"""tests/documents finds what it is there to find: a small tree, right, and with one mistake at a time."""
import importlib.machinery
import importlib.util
from pathlib import Path

import pytest

_loader = importlib.machinery.SourceFileLoader("documents", str(Path(__file__).parent / "documents"))
documents = importlib.util.module_from_spec(importlib.util.spec_from_loader("documents", _loader))
_loader.exec_module(documents)

MODEL = """# Threat model

See [the network](#the-network) and [the tests](../tests/wire_test.cc).

## The network

| cannot | shown by |
| --- | --- |
| read it | [Wire.IsSecret](../tests/wire_test.cc), [test_wire](../tests/test_wire.py) |
"""
TREE = {
    "docs/threat-model.md": MODEL,
    "tests/wire_test.cc": "TEST_F(Wire,\n       IsSecret) {}\n",
    "tests/test_wire.py": "def test_wire(relay):\n    pass\n",
    "README.md": "[model](docs/threat-model.md#the-network), [elsewhere](https://example.org)\n```\n[not](a-link)\n```\n",
}


def faults(folder, changes=()):
    for path, text in {**TREE, **dict(changes)}.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return list(documents.check(folder, [path for path in TREE if path.endswith(".md")]))


def test_a_tree_without_a_mistake(tmp_path):
    assert faults(tmp_path) == []


MISTAKES = [
    ("a file that is not there", {"README.md": "[x](docs/gone.md)"}, "README.md: [x] leads to docs/gone.md, which"),
    ("a heading that is not there", {"README.md": "[x](docs/threat-model.md#gone)"}, "and no heading is that"),
    ("a heading of its own that is not there", {"README.md": "# Here\n[x](#there)"}, "and no heading is that"),
    ("a test in C++ that is gone", {"tests/wire_test.cc": "TEST(Wire, IsSecretive) {}\n"}, "no test Wire.IsSecret in"),
    ("a test in Python that is gone", {"tests/test_wire.py": "def test_wires():\n    pass\n"}, "no test test_wire in"),
    ("a promise that no test shows", {"docs/threat-model.md": MODEL + "| forge it | as is evident |\n"},
     "no test shows that nobody can forge it"),
]


@pytest.mark.parametrize("name, changes, fault", MISTAKES, ids=[mistake[0] for mistake in MISTAKES])
def test_a_planted_mistake_is_found(tmp_path, name, changes, fault):
    found = faults(tmp_path, changes)
    assert any(fault in line for line in found), f"{name}: {found}"
