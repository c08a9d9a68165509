"""cmake --install, as ./dev install calls it: all that it promises is in place, and works from there."""

import fcntl
import subprocess

import pytest

from parley_tests import processes


def run(*command, **options):
    done = processes.run([str(word) for word in command], timeout=600, **options)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def prefix(root, tmp_path_factory):
    build = root / "build"
    if not (build / "CMakeCache.txt").exists():
        pytest.skip("no release build")
    with open(build / "CMakeCache.txt") as one_at_a_time:  # each process of a test run has this fixture
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        run("cmake", "--build", build, "--target", "parleyd", "parley", "completions")
    prefix = tmp_path_factory.mktemp("installed")
    run("cmake", "--install", build, "--prefix", prefix)
    return prefix


def test_the_programs_run_from_there(prefix, version):
    for program in ("parleyd", "parley"):
        assert run(prefix / "bin" / program, "--version").startswith(f"{program} {version}")


def test_man_finds_the_pages(prefix):
    for section, page in ((1, "parley"), (8, "parleyd")):
        text = (prefix / "share" / "man" / f"man{section}" / f"{page}.{section}").read_text()
        assert f".Nm {page}\n" in text


@pytest.mark.parametrize(
    "shell, path",
    [
        ("bash", "bash-completion/completions/parley"),
        ("zsh", "zsh/site-functions/_parley"),
        ("fish", "fish/vendor_completions.d/parley.fish"),
    ],
)
def test_shells_find_completions(prefix, shell, path):
    assert (prefix / "share" / path).read_text() == run(prefix / "bin" / "parley", "completion", shell)
    if shell == "bash":
        subprocess.run(["bash", "-n", prefix / "share" / path], check=True)


def test_nothing_else_is_installed(prefix):
    files = {str(path.relative_to(prefix)) for path in prefix.rglob("*") if not path.is_dir()}
    others = {name for name in files if not name.startswith(("bin/parley", "share/", "lib/parley/"))}
    units = {f"parleyd{rest}" for rest in (".service", "-classic.socket", "-relay.socket", "-admin.socket")}
    assert others == {f"lib/systemd/system/{unit}" for unit in units} | {"lib/sysusers.d/parleyd.conf"}
    assert f"ExecStart={prefix}/bin/parleyd " in (prefix / "lib/systemd/system/parleyd.service").read_text()
    assert sum(name.startswith("bin/") for name in files) == 2
