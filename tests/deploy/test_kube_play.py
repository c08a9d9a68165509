"""The Deployment on an engine that takes Kubernetes' manifests, podman: what its security context comes to, readiness, a
chat through it, and its end. Needs root and an engine to build the image with, or is skipped and says why.

What it does not prove: Services, network policies, Secrets and rollouts, which podman leaves aside, and probes by HTTP,
for which it wants curl in the image."""

import json
import re
import tempfile
import time
from pathlib import Path

import pytest
import yaml

from parley_tests.processes import program
from parley_tests.waiting import eventually
from podman import Podman, missing

pytestmark = pytest.mark.xdist_group("engine")


@pytest.fixture(scope="module")
def deployed(root, render, compose, version, tmp_path_factory):
    """(podman, the relay's container) of overlays/local, the one without Secrets."""
    if why := missing(root):
        pytest.skip(why)
    folder = Path(tempfile.mkdtemp(prefix="parley-kube-"))  # sockets in it have short paths
    podman = Podman(root, folder)
    try:
        image = folder / "image.tar"
        compose.docker("tag", compose.image_name("parleyd"), f"parleyd:{version}")
        compose.docker("save", "--output", str(image), f"parleyd:{version}")
        compose.docker("rmi", f"parleyd:{version}")
        podman("load", "--input", image)
        manifests = [one for one in render(root / "deploy/k8s/overlays/local") if one["kind"] in ("ConfigMap", "Deployment")]
        manifests.sort(key=lambda one: one["kind"])
        (folder / "play.yaml").write_text(yaml.safe_dump_all(manifests))
        podman("kube", "play", folder / "play.yaml")
        yield podman, "parleyd-pod-0-parleyd"
    finally:
        podman.stop()


def logged(podman, container):
    return [json.loads(line) for line in podman.logs(container).splitlines() if line.startswith("{")]


def test_it_becomes_ready(deployed):
    podman, container = deployed
    eventually(
        lambda: podman.inside("curl", "-s", "-m", "5", "http://127.0.0.1:8080/readyz").stdout.startswith("ready"),
        lambda: podman.logs(container),
    )
    podman("exec", container, "/usr/bin/parleyd", "healthcheck")


def test_it_is_confined_as_the_manifest_says(deployed):
    podman, container = deployed
    about = podman.inspect(container)
    assert about["Config"]["User"].startswith("65532")
    assert about["HostConfig"]["ReadonlyRootfs"]
    assert about["HostConfig"]["Memory"] == 1024**3
    status = Path(f"/proc/{about['State']['Pid']}/status").read_text()
    assert re.search(r"^CapEff:\s+0+$", status, re.MULTILINE)
    assert re.search(r"^NoNewPrivs:\s+1$", status, re.MULTILINE)
    assert re.search(r"^Seccomp:\s+2$", status, re.MULTILINE)


def test_two_clients_talk_through_it(deployed, tmp_path):
    podman, container = deployed
    (pin,) = {line["pin"] for line in logged(podman, container) if "pin" in line}
    client = ["env", f"HOME={tmp_path}", program("parley"), "pipe", "--relay", "127.0.0.1", "--pin", pin, "--room", "kube"]
    far = podman.inside("sh", "-c", '(echo from here | "$@") & echo from there | "$@"; wait', "sh", *client)
    assert (far.returncode, sorted(far.stdout.splitlines())) == (0, ["from here", "from there"]), far.stderr


def test_it_ends_within_its_grace(deployed):
    podman, container = deployed
    begin = time.monotonic()
    podman("pod", "stop", "--time", "45", "parleyd-pod-0")
    print(f"stopped in {time.monotonic() - begin:.1f} s")
    assert podman.inspect(container)["State"]["ExitCode"] == 0
