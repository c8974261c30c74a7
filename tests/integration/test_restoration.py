from datetime import UTC, datetime, timedelta

import pytest
from django.db.models.functions import Now

from soroka.models import Restoration
from soroka.models.restoration import is_held
from soroka.queue.claim import any_due, claim, next_due
from soroka.report.send import send_due


@pytest.fixture
def waiting(make_clients, make_mailing):
    """A mailing that is due."""
    make_clients(3)
    return make_mailing()


@pytest.fixture
def restored(transactional_db):
    return Restoration.objects.create(backed_up_at=datetime.now(UTC) - timedelta(hours=1))


def test_nothing_is_claimed_of_what_was_brought_back(waiting, restored, pump, gateway):
    assert is_held()
    assert not claim(pump, gateway.pk, 5)
    assert not any_due(ahead=1.0)
    assert next_due(gateway.pk) is None


def test_it_is_claimed_once_every_restoration_is_released(waiting, restored, pump, gateway):
    Restoration.objects.create(backed_up_at=datetime.now(UTC), released_at=Now())
    assert not claim(pump, gateway.pk, 5)
    Restoration.objects.filter(pk=restored.pk).update(released_at=Now())
    assert any_due(ahead=1.0)
    assert len(claim(pump, gateway.pk, 5)) == 1


def test_no_report_is_sent_of_what_was_brought_back(restored, settings, mailoutbox):
    settings.REPORT_TO, settings.REPORT_HOUR = ["anna@example.org"], 0
    assert send_due() == 0
    Restoration.objects.update(released_at=Now())
    assert send_due() == 1
    assert len(mailoutbox) == 1
