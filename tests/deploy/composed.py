"""compose.yaml on a real engine."""

import json
import os
import socket
import subprocess
import tarfile
import urllib.error
import urllib.request

import pexpect


def docker(*arguments, timeout=120, **options):
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=timeout, **options)
    assert done.returncode == 0, f"docker {' '.join(arguments)}: {done.stdout[-3000:]}{done.stderr[-5000:]}"
    return done.stdout.strip()


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


_BUILD_SECONDS = 1800


class Composed:
    """The project of compose.yaml under a name and on ports of its own."""

    def __init__(self, root, environment):
        self._project = f"parley-test-{os.getpid()}"
        self._ports = {name: str(_free_port()) for name in ("CLASSIC_PORT", "RELAY_PORT", "ADMIN_PORT")}
        self._environment = environment | self._ports
        self._root = root

    def start(self):
        """Builds the images, and returns when the relay is healthy."""
        self("--profile", "client", "build", timeout=_BUILD_SECONDS)
        self("up", "--detach", "--wait", timeout=180)

    def remove(self):
        self("--profile", "client", "down", "--volumes", timeout=180)
        for service in ("parleyd", "client"):
            subprocess.run(["docker", "image", "rm", self.image_name(service)], env=self._environment, check=False)

    def _words(self, *arguments):
        return ["compose", "--project-name", self._project, "--project-directory", str(self._root), *arguments]

    def __call__(self, *arguments, **options):
        return docker(*self._words(*arguments), env=self._environment, **options)

    @property
    def relay_port(self):
        return int(self._ports["RELAY_PORT"])

    @property
    def admin_port(self):
        return int(self._ports["ADMIN_PORT"])

    def docker(self, *arguments, **options):
        return docker(*arguments, env=self._environment, **options)

    def container(self):
        return json.loads(self.docker("inspect", self("ps", "--all", "--quiet", "parleyd")))[0]

    def image_name(self, service):
        return f"{self._project}-{service}"

    def image(self, service):
        return json.loads(self.docker("image", "inspect", self.image_name(service)))[0]

    def files(self, service, folder):
        """What is in the image, as an archive."""
        container = self.docker("create", self.image_name(service))
        try:
            archive = folder / f"{service}.tar"
            self.docker("export", "--output", str(archive), container)
            return tarfile.open(archive)
        finally:
            self.docker("rm", container)

    def client(self, *command, options=()):
        arguments = self._words("run", "--rm", *options, "client", *command)
        return pexpect.spawn("docker", arguments, env=self._environment, encoding="utf-8", timeout=60)

    def address(self, container):
        networks = json.loads(self.docker("inspect", container))[0]["NetworkSettings"]["Networks"]
        return networks["bridge"]["IPAddress"]

    def get(self, path):
        """(status, body) of the published admin endpoint."""
        return get(f"http://127.0.0.1:{self.admin_port}{path}")


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
