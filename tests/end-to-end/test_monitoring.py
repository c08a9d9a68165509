"""A real Prometheus that scrapes a relay at work has an answer to every query that ships: the dashboard's, the rules'
and the documents'; and the runbooks' commands run. When each alert fires is in tests/deploy/test_alerts.py."""

import json
import math
import os
import re
import signal

import pytest
import yaml

from parley_tests import processes
from parley_tests.ports import lasting_port
from parley_tests.prober import Prober
from parley_tests.prometheus import Prometheus
from parley_tests.rooms import Rooms
from parley_tests.waiting import eventually

DOCUMENTS = processes.ROOT / "docs"
DASHBOARD = processes.ROOT / "deploy" / "grafana" / "parley.json"
RULES = [processes.ROOT / "deploy" / "prometheus" / name for name in ("parley-alerts.yaml", "parley-recording.yaml")]
# The name of one of a relay's metrics, and what selects some of its series.
NAME = r"\b(?:parley|process)_[a-z_]+"
SERIES = re.compile(rf"(?:{NAME}|\bup\b)(?:\{{[^}}]*\}})?")
# Whether their conditions hold for a moment is the machine's doing.
OF_SPEED = {"ParleyDown", "ParleyEventLoopLag", "ParleyEventLoopStuck", "ParleyKeyPoolEmpty", "ParleyWorkersBehind"}


@pytest.fixture
def busy(start_relay, certificate, clients, tmp_path):
    """A relay, and work(): what is counted as a matter of course, twice; the second time they stay."""
    identity = {"cert": certificate.certificate, "key": certificate.key, "relay_listen": "127.0.0.1:0"}
    config = tmp_path / "parley.toml"
    config.write_text("")
    # A key for each connection, as shipped: otherwise nobody ever waits for one.
    relay = start_relay(config=config, classic_keys="per-connection", classic_key_pool="4", **identity)
    rooms = Rooms(relay.address_of("relay"), certificate.pin, clients, relay)

    def talk():
        a, b = relay.pair()
        a.say("question")
        assert b.hear() == "question"
        first, second = rooms.pair()
        rooms.assert_pairs_talk((first, second))
        first.lose()
        back = rooms.back(first)
        back.pair()
        second.pair(after_peer_left=True)
        rooms.assert_pairs_talk((back, second))
        return a, back

    def work():
        a, back = talk()
        a.close()
        back.bye()
        talk()
        eventually(lambda: relay.metric("parley_session_ends_total") == 2, "those who left are gone")
        eventually(lambda: relay.metric("parley_messages_total") == 10, "all messages are counted")

    relay.work, relay.rooms = work, rooms
    return relay


class Observed:
    """A relay, and the Prometheus that scrapes it, and a prober of it at that port if there is one."""

    def __init__(self, relay, prometheus, prober_port):
        self.relay, self.prometheus, self.prober_port = relay, prometheus, prober_port

    def without_an_answer(self, queries):
        """Those that find nothing, or what is no number."""
        found = {query: self.prometheus.query(query) for query in queries}
        return [query for query, values in found.items() if not values or not all(map(math.isfinite, values))]

    def alerts(self, name, state):
        return self.prometheus.query(f'ALERTS{{alertname="{name}",alertstate="{state}"}}')


@pytest.fixture
def observed(busy, clients, tmp_path):
    prober_port = lasting_port()
    prometheus = Prometheus(tmp_path, "%s:%d" % busy.admin, RULES, probers=[f"127.0.0.1:{prober_port}"])
    clients.append(prometheus)
    prometheus.wait_for("sum(parley_messages_total)", 0)  # rates are from the first sample on
    busy.work()
    prometheus.wait_for("sum(parley_messages_total)", 10)
    prometheus.wait_for("sum(parley_session_ends_total)", 2)
    return Observed(busy, prometheus, prober_port)


def panels():
    """Those that show something."""
    return [panel for panel in json.loads(DASHBOARD.read_text())["panels"] if panel["type"] != "row"]


def variables():
    return {found["name"]: found for found in json.loads(DASHBOARD.read_text())["templating"]["list"]}


def rules():
    return [rule for file in RULES for group in yaml.safe_load(file.read_text())["groups"] for rule in group["rules"]]


def in_documents():
    """What stands in the documents as code and has a metric's name in it."""
    text = "\n".join(file.read_text() for file in DOCUMENTS.glob("*.md"))
    return {found for found in re.findall(r"`([^`\n]+)`", text) if re.search(NAME, found)}


def test_every_panel_of_the_dashboard_has_data(observed):
    instance = "%s:%d" % observed.relay.admin
    queries = [target["expr"] for panel in panels() for target in panel["targets"]]
    assert len(queries) >= len(panels()) > 25
    filled = [query.replace("$__rate_interval", "5m") for query in queries]
    for chosen in (instance, variables()["instance"]["allValue"]):
        assert observed.without_an_answer([query.replace("$instance", chosen) for query in filled]) == []
    metric, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", variables()["instance"]["query"]["query"]).groups()
    found = observed.prometheus.ask("query", query=f"group by ({label}) ({metric})")["result"]
    assert [one["metric"] for one in found] == [{label: instance}], "the relays that can be chosen"


def test_every_rule_reads_what_there_is(observed):
    """And a relay without trouble raises no alarm; its certificate has two days."""
    recorded = [rule["expr"] for rule in rules() if "record" in rule]
    alerts = {rule["alert"]: rule["expr"] for rule in rules() if "alert" in rule}
    assert observed.without_an_answer(recorded) == []
    assert observed.without_an_answer(found for query in alerts.values() for found in SERIES.findall(query)) == []
    raised = {name for name, query in alerts.items() if observed.prometheus.query(query)}
    assert raised - OF_SPEED == {"ParleyCertificateExpiresSoon"}


def test_every_rule_is_evaluated(observed):
    def loaded():
        found = [rule for group in observed.prometheus.ask("rules")["groups"] for rule in group["rules"]]
        return all(rule["health"] != "unknown" for rule in found) and found

    found = eventually(loaded, "each was evaluated once")
    assert len(found) == len(rules())
    assert [rule for rule in found if rule["health"] != "ok"] == []
    for rule in rules():
        if "record" in rule:
            eventually(lambda: observed.prometheus.query(rule["record"]), rule["record"])


def test_alerts_of_real_trouble(observed, tmp_path):
    relay, prometheus = observed.relay, observed.prometheus
    (tmp_path / "parley.toml").write_text("no-such-option = 1\n")
    relay.signal(signal.SIGHUP)
    eventually(lambda: observed.alerts("ParleyReloadFailed", "firing"), "the failed reload is told")
    eventually(lambda: observed.alerts("ParleyCertificateExpiresSoon", "pending"), "so is the certificate's end")
    relay.kill()
    eventually(lambda: observed.alerts("ParleyDown", "pending"), "that the relay is gone is seen")
    (state,) = [panel["targets"][0]["expr"] for panel in panels() if panel["title"] == "State"]
    prometheus.wait_for(state.replace("$instance", ".*"), -1)


def test_every_query_in_the_documents_has_data(observed, clients):
    prober = Prober(observed.relay.rooms, port=observed.prober_port)
    clients.append(prober)
    prober.goes_on()
    observed.prometheus.wait_for("parley_probe_success", 1)
    found = in_documents()
    names = {name for name in found if re.fullmatch(NAME, name)}
    every = observed.relay.metrics().names() | prober.metrics().names()
    exposed = {re.sub("_(bucket|count|sum)$", "", name) for name in every}
    assert names - exposed == set()
    assert len(found - names) > 20
    assert observed.without_an_answer(found - names) == []


def test_the_runbooks_commands_can_be_run(busy):
    busy.work()
    lines = re.findall(r"(?m)^curl .*", (DOCUMENTS / "runbooks.md").read_text())
    assert lines
    for line in set(lines):
        command = line.replace("localhost:8080", "%s:%d" % busy.admin)
        done = processes.run(["bash", "-o", "pipefail", "-c", command], env=dict(os.environ, no_proxy="*"))
        assert done.returncode == 0 and done.stdout, f"{line}: {done.stdout}{done.stderr}"


def test_promtool_finds_nothing_to_complain_about(busy):
    busy.work()
    done = processes.run(["promtool", "check", "metrics"], input=busy.get("/metrics")[1])
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
