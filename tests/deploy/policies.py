"""What no manifest of ours may do, whatever is valid: the restricted Pod Security Standard, a limit on memory, an image
that is one version, no secret in the environment, selectors that are all there."""

import re

_SECRET_NAMES = re.compile(r"TOKEN|SECRET|PASSWORD|KEY", re.IGNORECASE)
_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


def faults_of(manifest):
    """A list of "path: what", empty when all is well."""
    kind, spec = manifest["kind"], manifest.get("spec", {})
    faults = []
    if kind in ("Deployment", "StatefulSet", "DaemonSet"):
        template = spec["template"]
        labels = template["metadata"].get("labels", {}).items()
        selector = spec.get("selector", {}).get("matchLabels", {})
        if not selector or not selector.items() <= labels:
            faults.append("selector: it does not find the pods of the template")
        faults += _pod_faults(template["spec"])
    if kind == "Service" and not spec.get("selector"):
        faults.append("selector: a Service without one finds nothing")
    return [f"{kind} {manifest['metadata']['name']}: {fault}" for fault in faults]


def _pod_faults(pod):
    for name in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(name):
            yield f"{name}: the machine's own"
    security = pod.get("securityContext", {})
    if security.get("runAsNonRoot") is not True or security.get("runAsUser") == 0:
        yield "securityContext: it may run as root"
    if security.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
        yield "securityContext: no seccompProfile"
    for volume in pod.get("volumes", []):
        if not set(volume) - {"name"} <= _VOLUMES:
            yield f"volume {volume['name']}: of the machine's own"
    for container in [*pod["containers"], *pod.get("initContainers", [])]:
        for fault in _container_faults(container):
            yield f"container {container['name']}: {fault}"


def _container_faults(container):
    security = container.get("securityContext", {})
    if security.get("privileged"):
        yield "privileged"
    if security.get("allowPrivilegeEscalation") is not False:
        yield "it may gain privileges"
    if security.get("capabilities", {}).get("drop") != ["ALL"] or security["capabilities"].get("add"):
        yield "it has capabilities"
    if security.get("readOnlyRootFilesystem") is not True:
        yield "its root can be written to"
    if "memory" not in container.get("resources", {}).get("limits", {}):
        yield "no limit on its memory"
    name, _, tag = container["image"].rpartition("/")[2].partition(":")
    if tag in ("", "latest") and "@" not in container["image"]:
        yield f"its image {name} is not of one version"
    for variable in container.get("env", []):
        if _SECRET_NAMES.search(variable["name"]) and not variable["name"].endswith("_FILE"):
            yield f"a secret in the environment: {variable['name']}"
    for source in container.get("envFrom", []):
        if "secretRef" in source:
            yield "a secret in the environment, whole"
