"""compose.yaml: every service is confined, nothing is exposed by mistake, and the waiting times fit."""

import re
import shutil
import subprocess

import pytest
import yaml

import limits


@pytest.fixture(scope="module")
def compose(root):
    return yaml.safe_load((root / "compose.yaml").read_text())


OURS, OTHERS = {"parleyd", "client"}, {"prometheus", "grafana"}


@pytest.fixture(scope="module", params=sorted(OURS | OTHERS))
def service(compose, request):
    return compose["services"][request.param]


def test_has_the_services_that_are_tested(compose):
    assert set(compose["services"]) == OURS | OTHERS
    assert {key for key in compose if not key.startswith("x-")} == {"name", "services", "volumes"}


def test_every_service_is_confined(service):
    assert re.fullmatch(r"[1-9][0-9]*:[0-9]+", service["user"])
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"] and "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"] and service["pids_limit"]
    assert not {"privileged", "network_mode", "pid", "ipc", "devices"} & set(service)


def test_every_image_of_ours_is_built_from_this_tree(compose, root):
    for name in OURS:
        service = compose["services"][name]
        assert "image" not in service and service["user"] == "65532:65532"
        assert (root / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
        assert service["build"]["target"] in ("parleyd", "parley")


def test_others_come_on_request_and_in_one_version(compose):
    for name in OTHERS:
        service = compose["services"][name]
        assert service["profiles"] == ["monitoring"]
        assert re.fullmatch(r"\w+/\w+:v?[0-9]+\.[0-9]+\.[0-9]+", service["image"])
        assert service["restart"] == "unless-stopped" and service["logging"] == compose["x-logging"]


def test_what_others_are_told_is_there(compose, root):
    """Every file that is mounted into them, and Prometheus finds the relay, Grafana that, and the dashboard."""
    for name in OTHERS:
        for volume in compose["services"][name]["volumes"]:
            source, target = volume.split(":")[:2]
            assert (root / source).exists() if source.startswith("./") else source in compose["volumes"], volume
    (job,) = yaml.safe_load((root / "deploy/prometheus/prometheus.yaml").read_text())["scrape_configs"]
    (target,) = job["static_configs"][0]["targets"]
    assert target == "parleyd:8080" and job["job_name"].startswith("parley")
    provisioning = root / "deploy/grafana/provisioning"
    (source,) = yaml.safe_load((provisioning / "datasources/prometheus.yaml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090" and source["type"] == "prometheus"
    (provider,) = yaml.safe_load((provisioning / "dashboards/parley.yaml").read_text())["providers"]
    dashboard = compose["services"]["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert dashboard == provider["options"]["path"] + "/parley.json"
    assert f"./deploy/grafana/parley.json:{dashboard}:ro" in compose["services"]["grafana"]["volumes"]


def test_only_the_relay_itself_is_published_to_others(compose):
    for name in OTHERS:
        assert all(port.startswith("127.0.0.1:") for port in compose["services"][name]["ports"])
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
    """By relay/1, whose invites encrypt end to end. It is given the relay's pin, not its key."""
    relay, client = compose["services"]["parleyd"], compose["services"]["client"]
    assert client["command"] == ["chat"] and client["init"] is True
    pin = relay["environment"]["PARLEY_PIN_FILE"]
    assert client["environment"] == {"PARLEY_RELAY": "parleyd", "PARLEY_PIN": pin}
    shared, home = "pin:" + pin.rpartition("/")[0], "client:/home/parley"
    assert client["volumes"] == [home, shared + ":ro"]
    assert relay["volumes"] == ["identity:" + relay["environment"]["PARLEY_SELF_SIGNED"], shared]
    assert {"client", "pin", "identity"} <= set(compose["volumes"])


def test_ctl_and_the_health_check_ask_by_a_socket_of_the_container(compose):
    relay = compose["services"]["parleyd"]
    socket, port = relay["environment"]["PARLEY_ADMIN_LISTEN"].split(",")
    assert port == "*:8080"
    (folder,) = relay["tmpfs"]
    assert socket.startswith("unix:" + folder.partition(":")[0] + "/")
    assert folder.partition(":")[2] == "uid=65532,gid=65532,mode=0700"


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
        ["docker", "compose", "--profile", "*", "config", "-q"], cwd=root, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
