from datetime import UTC, datetime

import pytest

from soroka.models import Change, Gateway, Restoration
from soroka.models.restoration import is_held


@pytest.fixture
def restored(db):
    return Restoration.objects.create(backed_up_at=datetime(2034, 11, 27, 7, 0, tzinfo=UTC))


def test_it_tells_what_would_be_sent_twice_and_asks(soroka, restored, person, make_clients, make_mailing, gateway):
    Gateway.objects.update(idempotent=False)
    make_clients(3)
    mailing = make_mailing(name="News")
    done = soroka("release", typed="n\n")
    assert done.exit_code == 1
    assert f"mailing {mailing.pk} News, gateway {gateway.name}: 3 messages" in done.stderr
    assert "2034-11-27" in done.stderr
    assert is_held()


def test_a_gateway_that_knows_repeats_is_no_doubt(soroka, restored, make_clients, make_mailing):
    make_clients(3)
    make_mailing(name="News")
    done = soroka("release", "--yes")
    assert (done.exit_code, "News" in done.stderr, is_held()) == (0, False, False)


def test_the_trail_has_it(soroka, restored, admin_user):
    assert soroka("release", "--yes", "--as", admin_user.username).exit_code == 0
    change = Change.objects.get(kind="restoration")
    assert (change.actor, change.action, change.object_id) == (admin_user.username, "resumed", restored.pk)


def test_nobody_is_asked_where_nobody_is(soroka, restored):
    assert soroka("release").exit_code == 2
    assert is_held()


def test_what_was_not_restored_is_not_released(soroka, told):
    assert soroka("release", "--yes").exit_code == 4


def test_the_status_says_that_it_is_held(told, restored):
    needs = told("status", code=1)["needs"]
    assert [one["code"] for one in needs if one["code"] == "held"] == ["held"]
