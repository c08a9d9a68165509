"""deploy/grafana/parley.json, as far as no Grafana is needed: any of them can load it, and it shows what operators ask
first. That its queries have data is in tests/end-to-end/test_monitoring.py."""

import itertools
import json

import pytest

DATASOURCE = {"type": "prometheus", "uid": "${DS_PROMETHEUS}"}
COLUMNS = 24
# In the order in which they stand.
SHOWN = [
    "State", "Alerts", "Certificate", "Version", "Sessions", "Waiting", "Messages", "Received", "Relay latency, p99",
    "Refused", "Waiting for a partner", "Connections and their limit", "Bytes", "Time to find a partner",
    "Relay latency", "Handshakes", "Event loops' lag", "Refusals", "Ends of sessions", "Ends without a session",
    "Resumptions", "Reloads", "Log messages", "Key pool", "Wait for a key", "Workers' queue", "Workers", "Memory",
    "Descriptors and their limit", "CPU",
]  # fmt: skip


@pytest.fixture(scope="module")
def dashboard(root):
    return json.loads((root / "deploy" / "grafana" / "parley.json").read_text())


@pytest.fixture(scope="module")
def panels(dashboard):
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def test_belongs_to_no_one_grafana(dashboard, panels):
    """Its own numbers and addresses are left out; which Prometheus is a variable."""
    assert dashboard["id"] is None
    assert dashboard["schemaVersion"] >= 36
    variables = {variable["name"]: variable for variable in dashboard["templating"]["list"]}
    assert list(variables) == ["DS_PROMETHEUS", "instance"]
    assert (variables["DS_PROMETHEUS"]["type"], variables["DS_PROMETHEUS"]["query"]) == ("datasource", "prometheus")
    assert variables["instance"]["datasource"] == DATASOURCE
    for panel in panels:
        assert panel["datasource"] == DATASOURCE
        assert all(target["datasource"] == DATASOURCE for target in panel["targets"])


def test_shows_what_operators_ask_first(panels):
    assert list(dict.fromkeys(panel["title"] for panel in panels)) == SHOWN


def test_every_panel_says_in_what_it_counts(panels):
    for panel in panels:
        assert panel["type"] == "state-timeline" or panel["fieldConfig"]["defaults"]["unit"], panel["title"]


def test_every_query_is_of_the_relays_chosen(panels):
    """But the alerts: some are of relays that are not there."""
    for panel in panels:
        for target in panel["targets"]:
            assert 'instance=~"$instance"' in target["expr"] or panel["title"] == "Alerts", target["expr"]


def test_no_panel_lies_on_another(dashboard):
    taken = [
        place
        for panel in dashboard["panels"]
        for at in [panel["gridPos"]]
        for place in itertools.product(range(at["x"], at["x"] + at["w"]), range(at["y"], at["y"] + at["h"]))
    ]
    assert len(taken) == len(set(taken))
    assert max(column for column, _ in taken) < COLUMNS
    identities = [panel["id"] for panel in dashboard["panels"]]
    assert len(identities) == len(set(identities))
