"""deploy/prometheus: promtool accepts the rules, each alert fires when it should and only then, and each has a runbook.
That their queries find what parleyd really exposes is in tests/end-to-end/test_monitoring.py."""

import os
import re
import shutil
from pathlib import Path

import pytest
import yaml

from parley_tests import processes

CASES = Path(__file__).parent / "alerts"
PARTS = ["**Means.**", "**Clients notice.**", "**Look.**", "**Do.**"]


@pytest.fixture(scope="module")
def folder(root):
    return root / "deploy" / "prometheus"


@pytest.fixture(scope="module")
def alerts(folder):
    """By name; everything that has a name is one."""
    groups = yaml.safe_load((folder / "parley-alerts.yaml").read_text())["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    named = {rule["alert"]: rule for rule in rules}
    assert len(named) == len(rules)
    return named


@pytest.fixture(scope="module")
def entries(root):
    """What the runbooks say of each alert."""
    parts = re.split(r"(?m)^## (.+)\n", (root / "docs" / "runbooks.md").read_text())
    return dict(zip(parts[1::2], parts[2::2]))


@pytest.fixture(scope="module")
def cases():
    """For each alert, what its tests expect: lists of alerts that fire."""
    found = {}
    for file in CASES.glob("*.yaml"):
        for test in yaml.safe_load(file.read_text())["tests"]:
            for case in test.get("alert_rule_test", []):
                found.setdefault(case["alertname"], []).append(case.get("exp_alerts", []))
    return found


def promtool(*arguments, folder):
    """Run where the files are: it takes their folders for patterns."""
    if not shutil.which("promtool"):
        pytest.skip("no promtool: ./dev setup")
    done = processes.run(["promtool", *arguments], cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("name", ["parley-alerts.yaml", "parley-recording.yaml"])
def test_promtool_accepts_the_rules(folder, name):
    assert "SUCCESS" in promtool("check", "rules", name, folder=folder)


def test_promtool_accepts_the_configuration(folder):
    assert "2 rule files found" in promtool("check", "config", "prometheus.yaml", folder=folder)


def test_all_that_ships_is_checked(folder):
    rules = {"parley-alerts.yaml", "parley-recording.yaml"}
    made = {"kustomization.yaml", "make-prometheusrules", "prometheusrules.yaml"}  # test_kubernetes
    assert set(os.listdir(folder)) == rules | made | {"prometheus.yaml"}


@pytest.mark.parametrize("name", sorted(file.name for file in CASES.glob("*.yaml")))
def test_alerts_fire_when_they_should(name):
    assert "SUCCESS" in promtool("test", "rules", name, folder=CASES)


def test_every_alert_is_seen_to_fire_and_not_to(alerts, cases):
    assert set(cases) == set(alerts)
    for name, expected in cases.items():
        assert any(expected), f"{name} never fires"
        assert not all(expected), f"{name} always fires"


def test_every_alert_says_what_people_and_pagers_need(alerts):
    for name, rule in alerts.items():
        assert name.startswith("Parley")
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
        assert rule["annotations"]["runbook_url"] == f"docs/runbooks.md#{name.lower()}"


def test_every_alert_has_its_runbook_and_every_runbook_its_alert(alerts, entries):
    assert list(entries) == list(alerts), "the same, and in the same order"


def test_every_runbook_says_what_it_means_what_to_look_at_and_what_to_do(entries):
    for name, text in entries.items():
        assert re.findall(r"(?m)^\*\*[^*]+\*\*", text) == PARTS, name
        assert "\ncurl " in text, f"{name} has no command to look with"
