"""compose.yaml: every service is confined, nothing is exposed by mistake, and the waiting times fit."""

import shutil
import subprocess

import pytest
import yaml

import limits


@pytest.fixture(scope="module")
def compose(root):
    return yaml.safe_load((root / "compose.yaml").read_text())


@pytest.fixture(scope="module", params=["parleyd", "client"])
def service(compose, request):
    return compose["services"][request.param]


def test_has_the_services_that_are_tested(compose):
    assert set(compose["services"]) == {"parleyd", "client"}
    assert {key for key in compose if not key.startswith("x-")} == {"name", "services", "volumes"}


def test_every_service_is_confined(service):
    assert service["user"] == "65532:65532"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"] and "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"] and service["pids_limit"]
    assert not {"privileged", "network_mode", "pid", "ipc", "devices"} & set(service)


def test_every_image_is_built_from_this_tree(service, root):
    assert "image" not in service
    assert (root / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
    assert service["build"]["target"] in ("parleyd", "parley")


def test_only_the_relay_itself_is_published_to_others(compose):
    published = compose["services"]["parleyd"]["ports"]
    assert [port.rpartition(":")[2] for port in published] == ["10000", "10443", "8080"]
    assert published[2].startswith("127.0.0.1:")
    assert "ports" not in compose["services"]["client"]


def test_the_client_starts_on_request_and_after_the_relay(compose):
    client = compose["services"]["client"]
    assert client["profiles"] == ["client"]
    assert client["depends_on"] == {"parleyd": {"condition": "service_healthy"}}
    assert client["tty"] and client["stdin_open"]


def test_the_client_chats_by_the_relay_and_remembers_it(compose):
    """By relay/1, whose invites encrypt end to end; the second time the relay's key is not asked about."""
    client = compose["services"]["client"]
    assert client["command"] == ["chat"]
    assert client["environment"] == {"PARLEY_RELAY": "parleyd"}
    (volume,) = client["volumes"]
    assert volume.partition(":")[0] in compose["volumes"]


def test_stopping_leaves_time_to_drain(compose):
    relay = compose["services"]["parleyd"]
    drain = limits.seconds(relay["environment"]["PARLEY_DRAIN_TIMEOUT"])
    assert limits.seconds(relay["stop_grace_period"]) > drain


def test_memory_and_descriptors_are_enough_for_the_connections_allowed(compose):
    relay = compose["services"]["parleyd"]
    connections = int(relay["environment"]["PARLEY_MAX_CONNECTIONS"])
    assert limits.most_memory(connections) <= limits.quantity(relay["mem_limit"])
    assert connections < relay["ulimits"]["nofile"]


def test_compose_itself_accepts_it(root):
    if not shutil.which("docker") or subprocess.run(["docker", "compose", "version"], capture_output=True).returncode:
        pytest.skip("no docker compose")
    done = subprocess.run(
        ["docker", "compose", "--profile", "client", "config", "-q"], cwd=root, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
