"""cmake/write-commit.cmake: a build names the commit that it is of, not the one that it was configured at."""

import subprocess

import pytest

from parley_tests import processes

SCRIPT = processes.ROOT / "cmake/write-commit.cmake"


@pytest.fixture
def checkout(tmp_path):
    """A repository with one commit, `git(...)` in it."""
    source = tmp_path / "source"
    source.mkdir()

    def git(*arguments):
        identity = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org")
        return subprocess.run(
            ["git", *identity, *arguments], cwd=source, check=True, capture_output=True, text=True
        ).stdout.strip()

    git("init", "--quiet")
    (source / "file").write_text("one\n")
    git("add", ".")
    git("commit", "--quiet", "-m", "one")
    return source, git


def written(tmp_path, source, given=""):
    output = tmp_path / "commit.cc"
    command = ["cmake", f"-DGIVEN={given}", f"-DSOURCE={source}", f"-DOUTPUT={output}", "-P", SCRIPT]
    assert processes.run(command).returncode == 0
    return output


def test_it_is_that_of_now(tmp_path, checkout):
    source, git = checkout
    first = git("rev-parse", "--short=12", "HEAD")
    output = written(tmp_path, source)
    assert f'return "{first}"; }}' in output.read_text()
    before = output.stat().st_mtime_ns
    assert written(tmp_path, source).stat().st_mtime_ns == before, "nothing is compiled for nothing"
    (source / "file").write_text("two\n")
    assert f'"{first}-dirty"' in written(tmp_path, source).read_text()
    git("commit", "--quiet", "-a", "-m", "two")
    second = git("rev-parse", "--short=12", "HEAD")
    assert second != first and f'"{second}"' in written(tmp_path, source).read_text()


def test_what_is_given_counts(tmp_path, checkout):
    source, _ = checkout
    assert '"v1.2.3"' in written(tmp_path, source, given="v1.2.3").read_text()


def test_without_a_repository_it_is_unknown(tmp_path):
    assert '"unknown"' in written(tmp_path, tmp_path).read_text()
