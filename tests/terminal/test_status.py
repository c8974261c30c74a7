from datetime import UTC, datetime, timedelta

import pytest
import redis

from soroka.models import Batch, ClientImport, Mailing
from soroka.queue.hold import leave_alone
from soroka.statistics import health


@pytest.fixture
def mailing(make_clients, make_mailing):
    make_clients(3)
    return make_mailing()


def codes(document):
    return [need["code"] for need in document["needs"]]


def test_all_is_well_where_nobody_is_needed(told, soroka, gateway, alive):
    seen = told("status")
    assert seen["well"]
    assert seen["needs"] == []
    assert set(seen["services"].values()) == {"ok"}
    done = soroka("status")
    assert done.exit_code == 0
    assert done.stdout.startswith("All is well.\n")
    assert "\x1b" not in done.stdout


def test_it_shows_what_waits_and_how_far_mailings_are(told, soroka, alive, mailing, make_mailing):
    make_mailing(starts_in=600)
    Batch.objects.filter(mailing=mailing).update(
        delivered=1, next_at=datetime.now(UTC) - timedelta(seconds=90), due_at=datetime.now(UTC)
    )
    seen = told("status")
    assert (seen["queue"]["due"], seen["queue"]["later"], seen["queue"]["in_work"]) == (2, 3, 0)
    assert 90 <= seen["queue"]["overdue_seconds"] < 150
    assert [row["statistics"]["delivered"] for row in seen["mailings"]] == [0, 1]
    words = soroka("status").stdout
    assert "due now         2, the oldest for 9" in words
    assert "33 %" in words


def test_it_counts_what_is_in_work_and_leases_that_ran_out(told, alive, mailing):
    Batch.objects.update(state=1, lease_until=datetime.now(UTC) - timedelta(seconds=1))
    seen = told("status")["queue"]
    assert (seen["in_work"], seen["expired_leases"], seen["due"]) == (3, 1, 0)


def test_what_is_paused_is_not_due(told, soroka, alive, mailing):
    soroka("mailing", "pause", mailing.pk)
    assert told("status")["queue"]["due"] == 0


def test_it_tells_a_missing_worker_from_a_missing_beat(told, gateway, broker):
    seen = told("status", code=1)
    assert (seen["services"]["worker"], seen["services"]["beat"]) == ("unknown", "missing")
    assert codes(seen) == ["beat_missing"]
    broker.lpush("clock", "a tick that nobody takes")
    seen = told("status", code=1)
    assert (seen["services"]["worker"], seen["services"]["beat"]) == ("missing", "unknown")
    assert codes(seen) == ["worker_missing"]


def test_a_broker_that_does_not_answer_needs_a_person(told, gateway, monkeypatch):
    monkeypatch.setattr(health, "_valkey", lambda: redis.Redis(port=1))
    seen = told("status", code=1)
    assert seen["services"]["broker"] == "missing"
    assert codes(seen) == ["broker_missing"]


def test_a_stopped_gateway_needs_a_person(told, soroka, alive, gateway):
    leave_alone(gateway.pk, 60, "HTTP 401 Unauthorized", stop=True)
    seen = told("status", code=1)
    assert codes(seen) == ["gateway_stopped"]
    assert seen["gateways"][0]["state"] == "stopped"
    done = soroka("status")
    assert done.exit_code == 1
    assert done.stdout.startswith("This needs a person:\n! Gateway default is stopped: HTTP 401 Unauthorized\n")


def test_an_import_that_failed_needs_a_person_for_a_day(told, alive, gateway):
    now = datetime.now(UTC)
    for hours in (1, 30):
        ClientImport.objects.create(
            filename="clients.csv", state="failed", detail="No good.", finished_at=now - timedelta(hours=hours)
        )
    assert codes(told("status", code=1)) == ["import_failed"]
    assert codes(told("status", "--hours", "48", code=1)) == ["import_failed"] * 2


def test_it_says_in_russian_why_an_import_failed(soroka, alive, gateway):
    ClientImport.objects.create(
        filename="q.csv", state="failed", detail="The file is empty. Its first line must name the columns, and one of "
        "them: phone.", finished_at=datetime.now(UTC),
    )  # fmt: skip
    said = soroka("status", LANG="ru_RU.UTF-8", COLUMNS="200").stdout
    assert "(q.csv) не удался. Файл пуст. Первая строка должна называть столбцы, и один из них: phone." in said


def test_messages_in_doubt_need_a_person(told, alive, mailing, make_mailing):
    over, old = make_mailing(), make_mailing()
    kept = {"codes": {}, "minutes": {}, "last": "", "reasons": {"unknown": 2}}
    Batch.objects.filter(mailing=mailing).update(state=3, not_sent=3, breakdown=kept)
    Batch.objects.exclude(mailing=mailing).update(state=3, not_sent=3, breakdown=kept)
    for row, hours in ((over, 1), (old, 30)):
        Mailing.objects.filter(pk=row.pk).update(
            breakdown={"not_sent_by_reason": {"unknown": 3}}, over_at=datetime.now(UTC) - timedelta(hours=hours)
        )
    seen = told("status", code=1)
    assert codes(seen) == ["in_doubt"] * 2
    assert [(row["mailing"], row["messages"]) for row in seen["in_doubt"]] == [(over.pk, 3), (mailing.pk, 2)]


def test_it_looks_again_until_ctrl_c(soroka, alive, gateway, monkeypatch):
    pauses = iter([None, KeyboardInterrupt])

    def pause(_seconds):
        if happens := next(pauses):
            raise happens

    monkeypatch.setattr("soroka.terminal.condition.time.sleep", pause)
    done = soroka("status", "--watch", "--json")
    assert done.exit_code == 130
    assert len(done.stdout.splitlines()) == 2


@pytest.mark.parametrize("columns", ["40", "80", "120"])
def test_it_keeps_within_the_terminal(soroka, alive, mailing, columns):
    done = soroka("status", COLUMNS=columns, LANG="ru_RU.UTF-8")
    assert max(map(len, done.stdout.splitlines())) <= int(columns)
    assert done.stdout.startswith("Всё в порядке.\n")
