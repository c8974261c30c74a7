"""The files for Prometheus and Grafana: what they ask for is there, and each alert says what to do."""

import json
import re
from itertools import combinations
from pathlib import Path

import promql_parser
import pytest
import yaml

from soroka.metrics.catalogue import LEDGER, WEB, Kind

ROOT = Path(__file__).parents[3]
RULES = [
    rule
    for group in yaml.safe_load((ROOT / "deploy/monitoring/soroka.rules.yml").read_text())["groups"]
    for rule in group["rules"]
]
DASHBOARD = json.loads((ROOT / "deploy/monitoring/soroka-dashboard.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
LABELS = {sample: {*metric.labels} for metric in (*LEDGER, *WEB) for sample in metric.samples}
LABELS |= {
    f"{metric.name}_bucket": {*metric.labels, "le"} for metric in (*LEDGER, *WEB) if metric.kind is Kind.HISTOGRAM
}
COUNTERS = {name for name in LABELS if name.endswith(("_total", "_bucket", "_count", "_sum"))}
#: The words of labels that are sets in the code.
WORDS = {
    "outcome": {"accepted", "rejected", "deferred", "unknown"},
    "service": {"broker", "worker", "beat"},
    "state": {"working", "failing", "stopped", "waiting", "queued", "running"},
    "result": {"finished", "failed"},
    "why": {"rescued", "expired", "moved"},
    "task": {"tick", "deliver", "plan", "import_clients", "report"},
}


QUERIES = [pytest.param(rule["expr"], id=rule["alert"]) for rule in RULES] + [
    pytest.param(target["expr"], id=f"{panel['title']} {target['refId']}")
    for panel in PANELS
    for target in panel["targets"]
]


def parsed(query):
    """Every node of a query, its variables filled in as Grafana does."""
    nodes = []
    filled = query.replace("$__rate_interval", "1m").replace("$gateway", ".*")
    promql_parser.walk(promql_parser.parse(filled), nodes.append)
    return nodes


def selectors(nodes):
    return [node for node in nodes if isinstance(node, promql_parser.VectorSelector)]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_asks_for_what_is_told(query):
    nodes = parsed(query)
    found = selectors(nodes)
    assert found
    for selector in found:
        assert selector.name in LABELS
        for matcher in selector.matchers.matchers:
            assert matcher.name in LABELS[selector.name]
            if matcher.name in WORDS and matcher.op == promql_parser.MatchOp.Equal:
                assert matcher.value in WORDS[matcher.name]
    ranges = [node.vector_selector.name for node in nodes if isinstance(node, promql_parser.MatrixSelector)]
    counters = [selector.name for selector in found if selector.name in COUNTERS]
    assert sorted(ranges) == sorted(counters), "a counter is asked for its rate, a gauge for its value"


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_groups_by_labels_that_are_there(query):
    nodes = parsed(query)
    known = set().union(*(LABELS[selector.name] for selector in selectors(nodes)))
    for node in nodes:
        if isinstance(node, promql_parser.AggregateExpr) and node.modifier:
            assert set(node.modifier.labels) <= known


@pytest.mark.parametrize("query", QUERIES)
def test_the_figures_of_the_service_are_not_added_up_over_web_servers(query):
    """Each web server tells the same: the innermost aggregation is a max or min."""
    ledger = {sample for metric in LEDGER for sample in metric.samples}
    for node in parsed(query):
        if not isinstance(node, promql_parser.AggregateExpr):
            continue
        inner = []
        promql_parser.walk(node.expr, inner.append)
        if any(isinstance(part, promql_parser.AggregateExpr) for part in inner):
            continue
        names = {selector.name for selector in selectors(inner)}
        if names & ledger:
            assert str(node.op) in {"max", "min"}


def test_every_metric_is_shown_or_watched():
    asked = {selector.name for query in QUERIES for selector in selectors(parsed(query.values[0]))}
    for metric in (*LEDGER, *WEB):
        assert asked & set(metric.samples), metric.name


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_a_rule_says_how_grave_it_is_and_what_it_is_about(rule):
    assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"].keys() == {"severity"}
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert rule["annotations"].keys() == {"summary"}
    assert re.fullmatch(r"\d+[smh]", rule.get("for", "0s"))
    shown = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
    kept = {
        label
        for node in parsed(rule["expr"])
        if isinstance(node, promql_parser.AggregateExpr) and node.modifier
        for label in node.modifier.labels
    }
    assert shown <= kept


def test_each_alert_has_a_chapter_and_each_chapter_an_alert():
    page = (ROOT / "docs/operations/alerts.md").read_text()
    chapters = dict(re.findall(r"^### (\w+)\n\n`(\w+)`\. ", page, re.MULTILINE))
    assert chapters == {rule["alert"]: rule["labels"]["severity"] for rule in RULES}
    assert set(re.findall(r"\(#(\w+)\)", page)) <= {name.lower() for name in chapters}


def test_the_dashboard_can_be_imported():
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    variables = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    assert set(re.findall(r"\$\{?(\w+)", json.dumps(DASHBOARD))) <= variables | {"__rate_interval", "__all"}
    for panel in PANELS:
        assert panel["title"]
        assert panel["description"]
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    for one, other in combinations([panel["gridPos"] for panel in DASHBOARD["panels"]], 2):
        assert (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        )


@pytest.mark.parametrize(
    "name",
    [
        "SorokaOverdue",
        "SorokaLate",
        "SorokaGatewayRefuses",
        "SorokaPlanningStuck",
        "SorokaSignalsPileUp",
        "SorokaWebSlow",
    ],
)
def test_a_red_line_of_the_dashboard_is_the_limit_of_its_alert(name):
    [rule] = [rule for rule in RULES if rule["alert"] == name]
    limit = float(re.search(r"> ([\d.]+)$", rule["expr"].strip())[1])
    [panel] = [panel for panel in PANELS if name in panel["description"]]
    assert limit in [step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]]
