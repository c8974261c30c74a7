"""A POST of a mailing that comes again makes no second one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from rest_framework.test import APIClient

from soroka.models import IdempotencyKey, Mailing
from soroka.planning.idempotency import forget_old
from tests.api.conftest import errors

DAY = timedelta(hours=24)


def post(api: APIClient, body: dict, key: str = "order-1"):
    return api.post("/mailings", body, format="json", headers={"Idempotency-Key": key})


def age(by: timedelta) -> None:
    IdempotencyKey.objects.update(created_at=datetime.now(UTC) - by)


def test_the_same_request_again_is_answered_with_the_mailing_as_it_is_now(api, gateway, make_clients, mailing_body):
    make_clients(1)
    first = post(api, mailing_body)
    api.post(f"/mailings/{first.json()['id']}/pause")
    again = post(api, dict(reversed(mailing_body.items())))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json() | {"status": "paused"}
    assert again["Location"] == first["Location"]
    assert Mailing.objects.count() == 1


def test_the_same_key_with_another_body_is_a_conflict(api, gateway, mailing_body):
    post(api, mailing_body)
    answer = post(api, mailing_body | {"name": "another"})
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:soroka:problem:idempotency_mismatch"
    assert Mailing.objects.count() == 1


def test_another_key_and_no_key_are_other_requests(api, gateway, mailing_body):
    for _ in range(2):
        assert api.post("/mailings", mailing_body, format="json").status_code == 201
    for key in ("order-1", "order-2"):
        assert post(api, mailing_body, key).status_code == 201
    assert Mailing.objects.count() == 4


def test_keys_of_two_callers_are_apart(api, caller, gateway, mailing_body):
    ids = {post(one, mailing_body).json()["id"] for one in (api, caller("admin"))}
    assert len(ids) == 2


def test_a_repeat_is_answered_when_its_end_has_passed(api, gateway, mailing_body, eventually):
    end = datetime.now(UTC) + timedelta(seconds=0.5)
    body = mailing_body | {"ends_at": end.isoformat()}
    first = post(api, body)
    eventually(lambda: datetime.now(UTC) > end)
    again = post(api, body)
    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
    assert post(api, body, "order-2").status_code == 400


def test_a_refused_request_leaves_the_key_free(api, gateway, mailing_body):
    assert post(api, mailing_body | {"text": ""}).status_code == 400
    assert not IdempotencyKey.objects.exists()
    assert post(api, mailing_body).status_code == 201


def test_a_key_holds_for_a_day(api, gateway, mailing_body):
    first = post(api, mailing_body).json()["id"]
    age(DAY - timedelta(minutes=1))
    assert post(api, mailing_body).json()["id"] == first
    age(DAY)
    second = post(api, mailing_body | {"name": "another"}).json()["id"]
    assert second != first
    assert post(api, mailing_body | {"name": "another"}).json()["id"] == second


def test_old_keys_are_forgotten_and_young_ones_are_not(api, gateway, mailing_body):
    post(api, mailing_body, "old")
    age(DAY)
    post(api, mailing_body, "young")
    forget_old()
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["young"]


def test_a_repeat_of_what_was_removed_since_makes_nothing(api, gateway, mailing_body):
    post(api, mailing_body)
    IdempotencyKey.objects.update(mailing=None)
    answer = post(api, mailing_body)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:soroka:problem:idempotency_gone")


@pytest.mark.parametrize("key", ["", "x" * 256, "ключ".encode().decode("latin-1"), "a\tb"])
def test_a_strange_key_is_refused_by_its_name(api, gateway, mailing_body, key):
    answer = post(api, mailing_body, key)
    assert answer.status_code == 400
    assert errors(answer) == {("Idempotency-Key", "invalid")}
    assert not Mailing.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_hundred_at_once_make_one_mailing(make_user, gateway, make_clients, mailing_body):
    make_clients(3)
    operator = make_user("operator")

    def send(_: int) -> tuple[int, int]:
        api = APIClient()
        api.force_authenticate(operator)
        try:
            answer = post(api, mailing_body)
            return answer.status_code, answer.json()["id"]
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        answers = set(threads.map(send, range(100)))
    mailing = Mailing.objects.get()
    assert answers == {(201, mailing.pk)}
    assert IdempotencyKey.objects.get().mailing == mailing
