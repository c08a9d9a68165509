"""deploy/k8s/base: renders, is valid to the last field, and keeps the promises that no schema knows."""

import copy
import os
import subprocess
import tempfile
import tomllib
from pathlib import Path

import pytest

import limits
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


def test_every_manifest_is_valid(manifests, models):
    errors = {f"{m['kind']} {m['metadata']['name']}": strict.errors_of(m, models) for m in manifests}
    assert {name: found for name, found in errors.items() if found} == {}
    assert len(manifests) == 7


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


def test_every_selector_finds_the_pods_of_the_relay_and_no_others(one, deployment, pod):
    pod_labels = deployment["template"]["metadata"]["labels"].items()
    selectors = [
        deployment["selector"]["matchLabels"],
        one("Service")["spec"]["selector"],
        one("Service", "parleyd-admin")["spec"]["selector"],
        one("NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
        one("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        pod["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"],
    ]
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
