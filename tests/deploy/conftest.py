"""What the deployment tests share. Tools that are not there skip the tests that need them; pytest says which."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import strict  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
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


@pytest.fixture(scope="session")
def models():
    for folder in (UNPACKED / PYTHON_PACKAGES, Path("/usr") / PYTHON_PACKAGES):
        if (folder / "kubernetes").is_dir():
            return strict.load_models(folder)
    pytest.skip("no python3-kubernetes: ./dev setup")
