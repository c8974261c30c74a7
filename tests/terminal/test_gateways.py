from datetime import UTC, datetime, timedelta

import pytest

from soroka.models import Change, Gateway
from soroka.queue.hold import leave_alone


@pytest.fixture
def stopped(gateway):
    leave_alone(gateway.pk, 60, "HTTP 401 Unauthorized", stop=True)
    return gateway


def test_it_lists_them_as_the_api_does(told, soroka, gateway):
    Gateway.objects.create(name="spare", rate=20)
    assert [(row["name"], row["state"]) for row in told("gateways", "list")["results"]] == [
        ("default", "working"), ("spare", "working"),
    ]  # fmt: skip
    assert told("gateways") == told("gateways", "list")
    assert soroka("gateways", "--json", "list").exit_code == 2
    for words in (["gateways"], ["gateways", "list"]):
        assert [line.split()[:3] for line in soroka(*words).stdout.splitlines()[1:]] == [
            ["default", "works", "—"], ["spare", "works", "20"],
        ]  # fmt: skip


def test_it_shows_one_with_what_went_wrong(told, soroka, stopped):
    shown = told("gateways", "show", "default")
    assert (shown["state"], shown["last_error"]) == ("stopped", "HTTP 401 Unauthorized")
    assert "token" not in shown
    words = soroka("gateways", "show", "default").stdout
    assert "HTTP 401 Unauthorized" in words
    assert "soroka gateways start-again default" in words


def test_a_stopped_one_is_tried_again_at_once(told, stopped):
    assert told("gateways", "start-again", "default")["paused_until"] is None
    stopped.refresh_from_db()
    assert stopped.paused_until <= datetime.now(UTC) + timedelta(seconds=1)
    assert stopped.stopped_at  # until a probe is answered
    assert Change.objects.get(kind="gateway").before == {"state": "stopped"}


def test_one_that_is_not_left_alone_cannot_be_tried_again(refused, gateway):
    assert refused(4, "gateways", "start-again", "default")["type"] == "urn:soroka:problem:not_allowed"
    assert not Change.objects.exists()


@pytest.mark.parametrize("verb", ["show", "start-again"])
def test_one_that_does_not_exist_is_not_found(refused, verb):
    assert refused(3, "gateways", verb, "nobody")["type"] == "urn:soroka:problem:not_found"


def test_it_says_so_where_there_is_none(soroka, told):
    assert soroka("gateways").stdout == "There is no gateway yet.\n"
    assert told("gateways", "list") == {"results": []}
