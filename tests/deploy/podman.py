"""Kubernetes' manifests played by podman: an engine of the tests' own, of packages that are unpacked below build/ and not
installed, with its images, settings and network in one folder and one network namespace. Needs root."""

import json
import os
import resource
import subprocess

from parley_tests import processes

_SETTINGS = """
[containers]
default_ulimits = [{limits}]
seccomp_profile = "{packages}/usr/share/containers/seccomp.json"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
conmon_path = ["{packages}/usr/bin/conmon"]
helper_binaries_dir = ["{packages}/usr/libexec/podman"]
[engine.runtimes]
runc = ["{engine}/usr/bin/runc", "{engine}/usr/sbin/runc"]
[network]
network_backend = "cni"
cni_plugin_dirs = ["{packages}/usr/lib/cni"]
network_config_dir = "{folder}/networks"
"""


def _limits():
    """podman's own are more than a process may have that is in a container itself."""
    found = []
    for name, which, wanted in ("nofile", resource.RLIMIT_NOFILE, 65536), ("nproc", resource.RLIMIT_NPROC, 4096):
        most = resource.getrlimit(which)[1]
        wanted = wanted if most == resource.RLIM_INFINITY else min(most, wanted)
        found.append(f'"{name}={wanted}:{wanted}"')
    return ", ".join(found)


def missing(root):
    """Why it cannot be started, or nothing."""
    if os.getuid():
        return "not root"
    return "" if (root / "build/podman/usr/bin/podman").exists() else "no build/podman: ./dev setup"


class Podman:
    def __init__(self, root, folder):
        self._folder, self._namespace = folder, folder.name
        packages, engine = root / "build/podman", root / "build/engine"
        settings = folder / ".config/containers"  # of whoever's home this is
        settings.mkdir(parents=True)
        (settings / "containers.conf").write_text(
            _SETTINGS.format(packages=packages, engine=engine, folder=folder, limits=_limits())
        )
        for file in ("policy.json", "registries.conf"):
            (settings / file).write_bytes((packages / "etc/containers" / file).read_bytes())
        (folder / "networks").mkdir()
        for network in (packages / "etc/cni/net.d").iterdir():
            (folder / "networks" / network.name).write_bytes(network.read_bytes())
        libraries = [next((packages / "usr/lib").glob("*-linux-gnu")), next((engine / "usr/lib").glob("*-linux-gnu"))]
        inherited = processes.clean_environment()
        inherited.pop("DOCKER_CONFIG", None)  # where it would look for passwords
        self._environment = inherited | {
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder / ".config"),
            "CONTAINERS_CONF": str(settings / "containers.conf"),
            "LD_LIBRARY_PATH": ":".join(map(str, libraries)),
            "PATH": f"{packages}/usr/bin:{engine}/usr/sbin:{engine}/usr/bin:{inherited['PATH']}:/usr/sbin:/sbin",
            "XTABLES_LIBDIR": str(libraries[1] / "xtables"),
        }
        self._podman = ["podman", *(f"--{name}={folder / name}" for name in ("root", "runroot", "tmpdir"))]
        subprocess.run(["ip", "netns", "add", self._namespace], check=True)
        subprocess.run(["ip", "-n", self._namespace, "link", "set", "lo", "up"], check=True)

    def inside(self, *command, **options):
        """A command on the node that this is."""
        return subprocess.run(
            ["nsenter", f"--net=/run/netns/{self._namespace}", *map(str, command)],
            **{"capture_output": True, "text": True, "timeout": 120} | options,
        )

    def __call__(self, *arguments, **options):
        done = self.inside(*self._podman, *arguments, env=self._environment, **options)
        assert done.returncode == 0, f"podman {' '.join(map(str, arguments))}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
        return done.stdout.strip()

    def logs(self, container):
        done = self.inside(*self._podman, "logs", container, env=self._environment)
        return done.stdout + done.stderr

    def inspect(self, container):
        return json.loads(self("container", "inspect", container))[0]

    def stop(self):
        for command in (["pod", "rm", "--all", "--force"], ["system", "reset", "--force"]):
            self.inside(*self._podman, *command, env=self._environment)
        subprocess.run(["ip", "netns", "delete", self._namespace], check=True)
