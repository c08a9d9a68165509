"""deploy/k8s: renders, is valid to the last field, and keeps the promises that no schema knows."""

import copy
import os
import re
import subprocess
import tempfile
import tomllib
from pathlib import Path

import pytest
import yaml

import limits
import policies
import strict
from parley_tests import processes
from parley_tests.relay import Relay


@pytest.fixture(scope="module")
def manifests(render, root):
    return render(root / "deploy/k8s/base")


@pytest.fixture(scope="module")
def one(manifests):
    """one(kind, name): that manifest."""

    def find(kind, name="parleyd"):
        (found,) = [m for m in manifests if m["kind"] == kind and m["metadata"]["name"] == name]
        return found

    return find


@pytest.fixture(scope="module")
def deployment(one):
    return one("Deployment")["spec"]


@pytest.fixture(scope="module")
def pod(deployment):
    return deployment["template"]["spec"]


@pytest.fixture(scope="module")
def container(pod):
    (container,) = pod["containers"]
    return container


@pytest.fixture(scope="module")
def settings(manifests, pod):
    (generated,) = [m for m in manifests if m["kind"] == "ConfigMap"]
    (volume,) = [volume for volume in pod["volumes"] if "configMap" in volume]
    assert volume["configMap"]["name"] == generated["metadata"]["name"] != "parleyd", "the name has the content's hash"
    return tomllib.loads(generated["data"]["parley.toml"])


BASE = {"ConfigMap", "Deployment", "NetworkPolicy", "PodDisruptionBudget", "Service", "ServiceAccount"}
INSTALLATIONS = {
    "base": BASE,
    "overlays/local": BASE,
    "overlays/production": BASE | {"Certificate", "PrometheusRule", "ServiceMonitor"},
}


def test_every_installation_is_tested(root):
    folders = {f"overlays/{folder.name}" for folder in (root / "deploy/k8s/overlays").iterdir()}
    assert folders | {"base"} == set(INSTALLATIONS)


@pytest.fixture(scope="module", params=INSTALLATIONS)
def installation(request, render, root):
    manifests = render(root / "deploy/k8s" / request.param)
    assert {manifest["kind"] for manifest in manifests} == INSTALLATIONS[request.param]
    return manifests


def test_every_manifest_is_valid_and_keeps_to_the_policies(installation, models):
    assert [error for manifest in installation for error in strict.errors_of(manifest, models)] == []
    assert [fault for manifest in installation for fault in policies.faults_of(manifest)] == []


def _first(spec):
    return spec["template"]["spec"]["containers"][0]


@pytest.mark.parametrize(
    "spoil, fault",
    [
        (lambda spec: _first(spec)["securityContext"].update(privileged=True), "privileged"),
        (lambda spec: _first(spec)["securityContext"].update(allowPrivilegeEscalation=True), "gain privileges"),
        (lambda spec: _first(spec)["securityContext"].pop("capabilities"), "has capabilities"),
        (lambda spec: _first(spec)["securityContext"].pop("readOnlyRootFilesystem"), "written to"),
        (lambda spec: _first(spec)["resources"]["limits"].pop("memory"), "no limit"),
        (lambda spec: _first(spec).update(image="parleyd:latest"), "not of one version"),
        (lambda spec: _first(spec).update(image="registry.example:5000/parleyd"), "not of one version"),
        (lambda spec: _first(spec).update(env=[{"name": "PARLEY_ACCESS_TOKEN", "value": "x"}]), "in the environment"),
        (lambda spec: _first(spec).update(envFrom=[{"secretRef": {"name": "parleyd-admin"}}]), "in the environment"),
        (lambda spec: spec["template"]["spec"].update(hostNetwork=True), "hostNetwork"),
        (lambda spec: spec["template"]["spec"]["securityContext"].update(runAsUser=0), "as root"),
        (lambda spec: spec["template"]["spec"]["securityContext"].pop("seccompProfile"), "seccompProfile"),
        (lambda spec: spec["template"]["spec"]["volumes"].append({"name": "x", "hostPath": {"path": "/"}}), "volume x"),
        (lambda spec: spec["selector"]["matchLabels"].update({"app.kubernetes.io/instance": "b"}), "selector"),
        (lambda spec: spec.pop("selector"), "selector"),
    ],
)
def test_the_policies_find_a_mistake(one, spoil, fault):
    spoiled = copy.deepcopy(one("Deployment"))
    spoil(spoiled["spec"])
    (found,) = policies.faults_of(spoiled)
    assert fault in found


@pytest.mark.parametrize(
    "kind, spoil",
    [
        ("ServiceMonitor", lambda spec: spec["endpoints"][0].update(targetport="admin")),
        ("ServiceMonitor", lambda spec: spec.pop("selector")),
        ("PrometheusRule", lambda spec: spec["groups"][0]["rules"][0].update(labels="critical")),
        ("Certificate", lambda spec: spec.update(dnsNames="relay.example")),
        ("Certificate", lambda spec: spec["privateKey"].update(rotationPolicy="Sometimes")),
    ],
)
def test_the_schemas_find_a_mistake(render, root, models, kind, spoil):
    manifests = render(root / "deploy/k8s/overlays/production")
    spoiled = next(manifest for manifest in manifests if manifest["kind"] == kind)
    spoil(spoiled["spec"])
    assert len(strict.errors_of(spoiled, models)) == 1


def test_rules_and_dashboard_are_those_that_prometheus_and_grafana_read(render, root):
    made = subprocess.run([root / "deploy/prometheus/make-prometheusrules"], capture_output=True, text=True, check=True)
    assert (root / "deploy/prometheus/prometheusrules.yaml").read_text() == made.stdout, "make-prometheusrules"
    production = render(root / "deploy/k8s/overlays/production")
    rules = {m["metadata"]["name"]: m["spec"] for m in production if m["kind"] == "PrometheusRule"}
    for name in ("parley-alerts", "parley-recording"):
        assert rules.pop(name) == yaml.safe_load((root / f"deploy/prometheus/{name}.yaml").read_text())
    assert not rules
    (dashboard,) = [m for m in production if m["metadata"].get("labels", {}).get("grafana_dashboard")]
    assert dashboard["data"]["parley.json"] == (root / "deploy/grafana/parley.json").read_text()


def test_the_monitor_finds_the_admin_port_alone(render, root):
    production = render(root / "deploy/k8s/overlays/production")
    (monitor,) = [m["spec"] for m in production if m["kind"] == "ServiceMonitor"]
    wanted = monitor["selector"]["matchLabels"].items()
    found = [m for m in production if m["kind"] == "Service" and wanted <= m["metadata"]["labels"].items()]
    (port,) = [port for service in found for port in service["spec"]["ports"] if port["name"] == monitor["endpoints"][0]["port"]]
    assert port["port"] == 8080
    assert "parleyd-admin" in [service["metadata"]["name"] for service in found], "whose name is the job's"


def test_two_installations_in_one_namespace_have_pods_of_their_own(render, root):
    """As docs/deployment.md has it."""
    text = (root / "docs/deployment.md").read_text()
    second = text[text.index("apiVersion: kustomize", text.index("Two in one namespace")) :].split("```")[0]
    with tempfile.TemporaryDirectory(dir=root / "build") as folder:
        where = os.path.relpath(root / "deploy/k8s/base", folder)
        (Path(folder) / "kustomization.yaml").write_text(re.sub(r"[\w./]+deploy/k8s/base", where, second))
        manifests = render(folder)
    first = render(root / "deploy/k8s/base")

    def pods(of):
        return next(m["spec"]["template"]["metadata"]["labels"].items() for m in of if m["kind"] == "Deployment")

    assert not {m["metadata"]["name"] for m in first} & {m["metadata"]["name"] for m in manifests}
    for selecting, others in ((first, manifests), (manifests, first)):
        for selector in _selectors(selecting):
            assert selector.items() <= pods(selecting) and not selector.items() <= pods(others)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda spec: spec.update(replica=1),
        lambda spec: spec.update(replicas="1"),
        lambda spec: spec.pop("selector"),
        lambda spec: spec["template"]["spec"]["containers"][0].update(imagePullPolicy="Sometimes"),
        lambda spec: spec["template"]["spec"]["containers"][0]["resources"]["limits"].update(memory="1 GB"),
        lambda spec: spec["template"]["spec"]["containers"][0].update(ports={"name": "classic"}),
    ],
    ids=["unknown-field", "type", "required", "enumeration", "quantity", "list"],
)
def test_the_validation_finds_a_mistake(one, models, spoil):
    spoiled = copy.deepcopy(one("Deployment"))
    spoil(spoiled["spec"])
    assert len(strict.errors_of(spoiled, models)) == 1


def test_the_validation_finds_a_duplicate_key():
    with pytest.raises(Exception, match="duplicate key"):
        strict.parse("a: 1\nb:\n  c: 1\n  c: 2\n")


def test_everything_is_named_in_the_usual_labels(manifests, version):
    for manifest in manifests:
        labels = manifest["metadata"]["labels"]
        assert labels["app.kubernetes.io/name"] == "parleyd"
        assert labels["app.kubernetes.io/part-of"] == "parley"
        assert labels["app.kubernetes.io/version"] == version
        assert "namespace" not in manifest["metadata"]


def _selectors(manifests):
    for manifest in manifests:
        spec = manifest.get("spec", {})
        if manifest["kind"] == "Service":
            yield spec["selector"]
        if manifest["kind"] in ("Deployment", "PodDisruptionBudget"):
            yield spec["selector"]["matchLabels"]
        if manifest["kind"] == "NetworkPolicy":
            yield spec["podSelector"]["matchLabels"]
        if manifest["kind"] == "Deployment":
            yield spec["template"]["spec"]["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"]


def test_every_selector_finds_the_pods_of_the_relay_and_no_others(manifests, deployment):
    pod_labels = deployment["template"]["metadata"]["labels"].items()
    selectors = list(_selectors(manifests))
    assert len(selectors) == 6
    for selector in selectors:
        assert selector["app.kubernetes.io/name"] == "parleyd"
        assert selector.items() <= pod_labels


def test_ports_are_those_of_the_container(one, container):
    names = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert names == {"classic": 10000, "relay": 10443, "admin": 8080}
    for service, served in (("parleyd", {"classic", "relay"}), ("parleyd-admin", {"admin"})):
        ports = one("Service", service)["spec"]["ports"]
        assert {port["targetPort"] for port in ports} == served
        assert all(names[port["targetPort"]] == port["port"] for port in ports)
    open_ports = [port["port"] for rule in one("NetworkPolicy")["spec"]["ingress"] for port in rule["ports"]]
    assert sorted(open_ports) == sorted(names)


def test_the_admin_port_is_open_to_monitoring_only(one):
    policy = one("NetworkPolicy")["spec"]
    for rule in policy["ingress"]:
        if any(port["port"] not in ("classic", "relay") for port in rule["ports"]):
            assert rule["from"] and all(peer.get("namespaceSelector") for peer in rule["from"])
    assert policy["egress"] == [] and "Egress" in policy["policyTypes"]
    assert one("Service", "parleyd-admin")["spec"]["type"] == "ClusterIP"


def test_fits_the_restricted_pod_security_standard(pod, container):
    assert pod["securityContext"]["runAsNonRoot"] is True and pod["securityContext"]["runAsUser"] == 65532
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    own = container["securityContext"]
    assert own["allowPrivilegeEscalation"] is False and own["readOnlyRootFilesystem"] is True
    assert own["capabilities"] == {"drop": ["ALL"]}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
    assert all("hostPath" not in volume for volume in pod["volumes"])


def test_no_token_of_the_cluster_is_mounted(one, pod):
    assert pod["automountServiceAccountToken"] is False
    assert pod["serviceAccountName"] == one("ServiceAccount")["metadata"]["name"]
    assert one("ServiceAccount")["automountServiceAccountToken"] is False


def test_probes_ask_what_they_are_for(container):
    paths = {name: container[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")}
    assert paths == {
        "startup": {"path": "/healthz", "port": "admin"},
        "liveness": {"path": "/healthz", "port": "admin"},
        "readiness": {"path": "/readyz", "port": "admin"},
    }


def test_the_grace_period_covers_the_drain(pod, settings):
    drain = limits.seconds(settings["drain-delay"]) + limits.seconds(settings["drain-timeout"])
    assert pod["terminationGracePeriodSeconds"] >= drain + 5


def test_the_delay_is_longer_than_readiness_takes_to_be_noticed(container, settings):
    probe = container["readinessProbe"]
    assert limits.seconds(settings["drain-delay"]) > probe["periodSeconds"] * probe["failureThreshold"]


def test_nothing_is_mounted_over_what_the_image_needs(container, root):
    """Its own defaults are read at each start."""
    (defaults,) = re.findall(r"^ENV PARLEY_DEFAULTS=(.*)$", (root / "deploy/docker/Dockerfile").read_text(), re.MULTILINE)
    mounts = [mount["mountPath"] for mount in container["volumeMounts"]]
    assert not [mount for mount in mounts if f"{defaults}/".startswith(f"{mount.rstrip('/')}/")]


def test_the_memory_limit_covers_the_connections_allowed(container, settings):
    limit = limits.quantity(container["resources"]["limits"]["memory"])
    assert limits.most_memory(settings["max-connections"]) <= limit


def test_one_replica_is_replaced_without_a_gap_and_may_be_evicted(one, deployment):
    assert deployment["replicas"] == 1
    assert deployment["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert one("PodDisruptionBudget")["spec"]["maxUnavailable"] == 1


def test_the_image_has_the_version(container, version):
    assert container["image"] == f"parleyd:{version}"


def test_secrets_are_mounted_where_the_configuration_looks_for_them(pod, container, settings):
    keys = {"parleyd-tls": {"tls.crt", "tls.key"}, "parleyd-token-key": {"token-key"}}  # what kubectl create makes
    mounted = {mount["name"]: mount for mount in container["volumeMounts"]}
    files = set()
    for volume in pod["volumes"]:
        if secret := volume.get("secret"):
            mount = mounted[volume["name"]]
            assert secret["defaultMode"] == 0o400 and mount["readOnly"] and not secret.get("optional")
            files |= {mount["mountPath"] + "/" + key for key in keys.pop(secret["secretName"])}
    assert not keys
    assert {settings["cert"], settings["key"], settings["token-key-file"]} == files
    assert settings["relay-listen"] == ["*:10443"]
    assert pod["securityContext"]["fsGroup"] == pod["securityContext"]["runAsGroup"] == 65532


@pytest.mark.skipif(os.geteuid() != 0, reason="gives files to another user")
def test_parleyd_starts_with_secrets_as_they_are_mounted(settings, certificate):
    """What fsGroup and defaultMode make of a Secret's files: root's, readable by the group of the process, not by others."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        mounted = {}
        for option in ("cert", "key", "token-key-file"):
            path = mounted[option.replace("-", "_")] = Path(folder) / Path(settings[option]).name
            source = {"cert": certificate.certificate, "key": certificate.key}.get(option)
            path.write_bytes(source.read_bytes() if source else os.urandom(32).hex().encode())
            os.chown(path, 0, 65532)
            path.chmod(0o440)
        user = ["setpriv", "--reuid=65532", "--regid=65532", "--clear-groups"]
        relay = Relay(launcher=user, relay_listen="127.0.0.1:0", **mounted)
        assert "relay" in dict(relay.listeners)
        assert relay.stop() == ""

        for secret in ("key", "token_key_file"):
            mounted[secret].chmod(0o444)
            with pytest.raises(AssertionError, match="others than its owner"):
                Relay(launcher=user, relay_listen="127.0.0.1:0", **mounted)
            mounted[secret].chmod(0o440)


def test_parleyd_accepts_the_configuration(root, certificate, tmp_path):
    """With what the cluster has in its Secrets, which --check-config reads too."""
    token_key = tmp_path / "token-key"
    token_key.write_text("5a" * 32 + "\n")
    token_key.chmod(0o600)
    files = ["--cert", certificate.certificate, "--key", certificate.key, "--token-key-file", token_key]
    done = subprocess.run(
        [processes.program("parleyd"), "--check-config", "--config", root / "deploy/k8s/base/parley.toml", *files],
        env=processes.clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
