"""What a Prometheus is told, and who else is told nothing."""

import shutil
import subprocess
from contextvars import copy_context
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from soroka.config.celery import app
from soroka.domain.lateness import BUCKETS, histogram
from soroka.metrics.catalogue import LEDGER, TASK, WEB
from soroka.models import Batch, Gateway, Restoration
from soroka.models.meter import Count, Counted, count
from soroka.tasks import plan, report

TOKEN = "a-token-of-the-test"


@pytest.fixture
def scrape(caller, settings):
    """``scrape()``: every sample, by name and labels."""
    settings.READ_METRICS_TOKEN = lambda: TOKEN

    def read():
        answer = caller().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/plain")
        families = list(text_string_to_metric_families(answer.content.decode()))
        return {
            (sample.name, *sorted(sample.labels.items())): sample.value for one in families for sample in one.samples
        }

    return read


def at(name, **labels):
    return (f"soroka_{name}", *sorted(labels.items()))


def test_without_a_token_there_is_no_such_page(caller, settings):
    settings.READ_METRICS_TOKEN = lambda: ""
    for said in ({}, {"Authorization": "Bearer "}):
        assert caller().get("/metrics", headers=said).status_code == 404


@pytest.mark.parametrize("said", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer тайна"])
def test_whoever_does_not_know_the_token_is_told_nothing(caller, settings, said):
    settings.READ_METRICS_TOKEN = lambda: TOKEN
    answer = caller("admin").get("/metrics", HTTP_AUTHORIZATION=said)
    assert answer.status_code == 401
    assert b"soroka_" not in answer.content


def test_every_metric_of_the_catalogue_is_told_with_its_labels_and_no_other(scrape, gateway, make_mailing):
    Gateway.objects.update(rate=50.0)
    count({Count(Counted.LATENESS, "0", gateway.pk): 3, Count(Counted.LATENESS_SUM, "", gateway.pk): 1.5})
    scrape()
    told = {}
    for name, *labels in scrape():
        told.setdefault(name, set()).update(name for name, _ in labels)
    known = {sample: set(metric.labels) for metric in (*LEDGER, *WEB) for sample in metric.samples}
    assert {name: labels - {"le"} for name, labels in told.items()} == known


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_prometheus_takes_what_is_told(caller, settings, gateway):
    settings.READ_METRICS_TOKEN = lambda: TOKEN
    count({Count(Counted.LATENESS, "0", gateway.pk): 3, Count(Counted.LATENESS_SUM, "", gateway.pk): 1.5})
    caller().get("/tags")
    scraped = caller().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content
    done = subprocess.run(["promtool", "check", "metrics"], input=scraped, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_tells_what_waits(scrape, make_clients, make_mailing):
    make_clients(3)
    make_mailing()
    Batch.objects.update(next_at=timezone.now() - timedelta(seconds=90))
    told = scrape()
    assert told[at("queue_due_messages")] == 3
    assert told[at("queue_due_batches")] == 1
    assert told[at("queue_oldest_overdue_seconds")] >= 90
    assert told[at("messages_planned_total")] == 3
    Batch.objects.update(state=1, lease_until=timezone.now() + timedelta(seconds=9))
    told = scrape()
    assert told[at("queue_due_messages")] == 0
    assert told[at("batches_leased", gateway="default")] == 1


def test_it_tells_that_what_was_restored_is_not_released(scrape):
    assert scrape()[at("held")] == 0
    Restoration.objects.create(backed_up_at=timezone.now())
    assert scrape()[at("held")] == 1
    Restoration.objects.update(released_at=timezone.now())
    assert scrape()[at("held")] == 0


def test_it_tells_how_gateways_fare(scrape, gateway):
    Gateway.objects.update(trouble=4, paused_until=timezone.now() + timedelta(seconds=40), rate=25.0)
    told = scrape()
    assert told[at("gateway_state", gateway="default", state="failing")] == 1
    assert told[at("gateway_state", gateway="default", state="working")] == 0
    assert told[at("gateway_failures_in_a_row", gateway="default")] == 4
    assert 35 < told[at("gateway_paused_seconds", gateway="default")] <= 40
    assert told[at("gateway_rate_limit", gateway="default")] == 25


def test_what_never_happened_is_told_as_zero(scrape, gateway):
    told = scrape()
    for name, labels in {
        "outcomes_total": {"gateway": "default", "outcome": "unknown"},
        "batches_brought_total": {"why": "rescued"},
        "imports_ended_total": {"result": "failed"},
        "task_failures_total": {"task": "plan"},
        "messages_planned_total": {},
        "lockouts_total": {},
    }.items():
        assert told[at(name, **labels)] == 0


def test_tasks_that_end_with_an_error_are_counted(scrape):
    before = scrape()
    in_a_worker = copy_context()  # where a task says once and for all that the service acts
    assert in_a_worker.run(plan.apply).failed()  # it is not told what
    in_a_worker.run(report.apply)
    told = scrape()
    assert {name: told[name] - before[name] for name in told if name[0] == "soroka_task_failures_total"} == {
        at("task_failures_total", task=name): float(name == "plan")
        for name in ("tick", "deliver", "plan", "import_clients", "report")
    }
    assert {f"soroka.tasks.{name}" for name in TASK} == {name for name in app.tasks if name.startswith("soroka.")}


def test_counts_add_up_over_all_who_count(scrape, gateway):
    late = {Count(Counted.LATENESS, str(place), gateway.pk): n for place, n in enumerate(histogram([0.001, 1.0, 9.0]))}
    for _ in range(2):
        count({Count(Counted.OUTCOMES, "accepted", gateway.pk): 250, Count(Counted.OUTCOMES, "unknown", gateway.pk): 1})
        count(late | {Count(Counted.LATENESS_SUM, "", gateway.pk): 10.001})
    told = scrape()
    assert told[at("outcomes_total", gateway="default", outcome="accepted")] == 500
    assert told[at("outcomes_total", gateway="default", outcome="unknown")] == 2
    assert told[at("lateness_seconds_count", gateway="default")] == 6
    assert told[at("lateness_seconds_sum", gateway="default")] == pytest.approx(20.002)
    assert told[at("lateness_seconds_bucket", gateway="default", le="0.01")] == 2
    assert told[at("lateness_seconds_bucket", gateway="default", le="+Inf")] == 6
    assert BUCKETS == 64


def test_a_gateway_that_is_gone_is_counted_no_more(scrape, gateway):
    count({Count(Counted.OUTCOMES, "accepted", gateway.pk): 1})
    known = gateway.pk
    gateway.delete()
    count({Count(Counted.OUTCOMES, "accepted", known): 1, Count(Counted.PLANNED): 1})
    told = scrape()
    assert not [name for name, *_ in told if name == "soroka_outcomes_total"]
    assert told[at("messages_planned_total")] == 1


def test_a_request_is_counted_by_its_route_and_not_by_its_address(scrape, api):
    before = scrape().get(at("http_requests_total", route="clients/<int:pk>", method="GET", status="404"), 0)
    api.get("/clients/987654")
    api.get("/nowhere/987654")
    told = scrape()
    assert told[at("http_requests_total", route="clients/<int:pk>", method="GET", status="404")] == before + 1
    assert told[at("http_requests_total", route="other", method="GET", status="404")] >= 1
    assert "987654" not in str(list(told))


def test_a_database_that_is_away_is_said_and_the_rest_is_told(scrape):
    def away(*_):
        raise OperationalError("away")

    with connection.execute_wrapper(away):
        told = scrape()
    assert told[at("database_up")] == 0
    assert told[at("service_up", service="broker")] == 1
    assert at("queue_due_messages") not in told
