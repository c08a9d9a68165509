"""The mutants of tests/mutants/ fit the tree as it is: a change that takes a mutant's text away changes the mutant too.
Nothing is built here; what tests/mutants/run finds is in its own words."""
import importlib.machinery
import importlib.util
import re
import shlex
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

TREE = Path(__file__).parents[1]
_loader = importlib.machinery.SourceFileLoader("mutants", str(TREE / "tests/mutants/run"))
mutants = importlib.util.module_from_spec(importlib.util.spec_from_loader("mutants", _loader))
_loader.exec_module(mutants)

FEWEST = 120
ROOTS = ["base", "protocol", "service", "admin-api", "parleyd", "cli-client"]
ALL = list(mutants.read(TREE / "tests/mutants"))


def test_there_are_enough():
    assert len(ALL) >= FEWEST


def test_each_has_a_name_of_its_own():
    assert [name for name, count in Counter(mutant.name for mutant in ALL).items() if count > 1] == []
    assert [mutant.name for mutant in ALL if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", mutant.name)] == []


def test_each_changes_one_place():
    wrong = []
    for mutant in ALL:
        file = TREE / mutant.file
        if not file.is_file():
            wrong.append(f"{mutant.name}: there is no {mutant.file}")
        elif (count := file.read_text().count(mutant.old)) != 1:
            wrong.append(f"{mutant.name}: its text stands {count} times in {mutant.file}")
        elif mutant.old == mutant.new:
            wrong.append(f"{mutant.name}: changes nothing")
    assert wrong == []


def test_each_says_what_it_breaks_and_where_that_is_promised():
    assert [mutant.name for mutant in ALL if not re.search(r"\([^()]{4,}\)", mutant.promise)] == []


def test_each_folder_of_sources_has_one():
    folders = {file.parent.relative_to(TREE) for root in ROOTS for file in (TREE / root).rglob("*.cc")}
    assert sorted(map(str, folders - {Path(mutant.file).parent for mutant in ALL})) == []


def unit_tests():
    """As gtest names them; of a typed or parameterised suite only what its source says."""
    for file in (TREE / "tests/unit").rglob("*.cc"):
        for suite, name in re.findall(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", file.read_text(), re.M):
            yield f"{suite}.{name}"


def functions(path):
    return re.findall(r"^def (test_\w+)", path.read_text(), re.M)


def test_each_selects_tests():
    names, wrong = list(unit_tests()), []
    for tests in sorted({mutant.tests for mutant in ALL}):
        kind, what, *options = shlex.split(tests)
        if kind == "unit":
            missing = [one for one in what.split(":") if not any(fnmatchcase(name, one) for name in names)]
        else:
            assert kind in ("protocol", "end-to-end"), tests
            path = TREE / "tests" / kind / what
            words = re.split(r" (?:or|and) ", options[1]) if options else []
            missing = [what] if not path.is_file() else [
                word for word in words if not any(word in name for name in functions(path))]
        wrong += [f"{tests}: {one}" for one in missing]
    assert wrong == []


SAID = [
    ("[ RUN      ] A.First\n[       OK ] A.First\n[ RUN      ] A.Second\nx.cc:3: Failure\n[  FAILED  ] A.Second (1 ms)\n",
     "A.Second"),
    ("[ RUN      ] A.First\n[       OK ] A.First\n[ RUN      ] A.Second\n", "A.Second"),
    ("tests/protocol/test_x.py::test_one PASSED\nFAILED tests/protocol/test_x.py::test_two - AssertionError\n",
     "test_x.py::test_two"),
    ("tests/protocol/test_x.py::test_one PASSED [ 50%]\ntests/protocol/test_x.py::test_two ", "test_x.py::test_two"),
    ("", "the tests, before the first of them"),
]


@pytest.mark.parametrize("said, name", SAID, ids=[name for _, name in SAID])
def test_the_test_that_found_it_is_named(said, name):
    assert mutants.failed_test(said) == name
