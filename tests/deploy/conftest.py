"""What the deployment tests share. Tools that are not there skip the tests that need them; pytest says which."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import strict  # noqa: E402
from composed import Composed  # noqa: E402
from parley_tests import processes  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
_ENGINE = ROOT / "tests/deploy/engine"
# Where ./dev setup unpacks Debian 13's packages.
UNPACKED = ROOT / "build" / "kubernetes" / "usr"
PYTHON_PACKAGES = Path("lib/python3/dist-packages")


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def version():
    """The project's, from the one place that has it."""
    return re.search(r"project\(parley VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())[1]


@pytest.fixture(scope="session")
def render():
    """render(folder): the manifests of a kustomization as a list."""
    kubectl = UNPACKED / "bin" / "kubectl"
    if not kubectl.exists():
        kubectl = shutil.which("kubectl")
    if not kubectl:
        pytest.skip("no kubectl: ./dev setup")

    def run(folder):
        done = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        assert done.stderr == "", "kustomize warns"
        return strict.parse(done.stdout)

    return run


def _answers(*command, env):
    try:
        return subprocess.run(command, env=env, capture_output=True, timeout=60).returncode == 0
    except FileNotFoundError:
        return False


@pytest.fixture(scope="session")
def engine(tmp_path_factory):
    """The environment in which `docker` and `docker compose` work, with debian:trixie-slim there: that of whoever runs the
    tests, or of an engine of their own."""
    env = processes.clean_environment()
    if not _answers("docker", "compose", "version", env=env):
        plugins = tmp_path_factory.mktemp("docker") / "cli-plugins"
        plugins.mkdir()
        for plugin in (ROOT / "build/compose/usr/libexec/docker/cli-plugins").glob("docker-*"):
            (plugins / plugin.name).symlink_to(plugin)
        env["DOCKER_CONFIG"] = str(plugins.parent)
    if not shutil.which("docker"):
        env["PATH"] += f":{ROOT / 'build/engine/usr/bin'}"
    own = None
    try:
        if not _answers("docker", "info", env=env):
            if os.environ.get("PARLEY_OWN_ENGINE") == "no":
                pytest.skip("no Docker engine answers; ./dev test deploy starts one")
            # Not below pytest's folder: a socket's path is short.
            own = tempfile.mkdtemp(prefix="parley-engine-")
            started = subprocess.run([_ENGINE, "start", own], capture_output=True, text=True, timeout=120)
            if started.returncode:
                pytest.skip(f"no Docker engine, and none could be started: {started.stdout.strip()}")
            env["DOCKER_HOST"] = f"unix://{own}/docker.sock"
        if not _answers("docker", "compose", "version", env=env):
            pytest.skip("no docker compose: ./dev setup")
        base = "debian:trixie-slim"
        if not _answers("docker", "image", "inspect", base, env=env) and not _answers("docker", "pull", base, env=env):
            made = subprocess.run([_ENGINE, "base-image"], env=env, capture_output=True, text=True, timeout=600)
            assert made.returncode == 0, made.stdout + made.stderr
        yield env
    finally:
        if own:
            subprocess.run([_ENGINE, "stop", own], timeout=120, check=True)


@pytest.fixture(scope="session")
def compose(root, engine):
    composed = Composed(root, engine)
    try:
        composed.start()
        yield composed
    finally:
        composed.remove()


@pytest.fixture(scope="session")
def models():
    for folder in (UNPACKED / PYTHON_PACKAGES, Path("/usr") / PYTHON_PACKAGES):
        if (folder / "kubernetes").is_dir():
            return strict.load_models(folder)
    pytest.skip("no python3-kubernetes: ./dev setup")
