"""Guessing of passwords ends after a few tries, for programs and for people, and says when it may go on."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.core.management import call_command
from django.test import Client as Browser

from soroka.domain.guessing import COOL_OFF, LIMIT, LIMITS
from soroka.models import Change, Meter
from soroka.models.meter import Counted

PASSWORD = "tailfeather-7"


@pytest.fixture
def anna(make_user):
    return make_user("operator", password=PASSWORD, is_staff=True)


@pytest.fixture
def ask(caller):
    """``ask("wrong", address="10.0.0.1")``: the answer to a program that asks for tokens."""
    api = caller()

    def post(password, username="operator", **meta):
        body = {"username": username, "password": password}
        return api.post("/auth/token", body, format="json", REMOTE_ADDR=meta.pop("address", "192.0.2.1"), **meta)

    return post


def enter(password, language="ru", username="operator"):
    form = {"username": username, "password": password, "next": "/admin/"}
    return Browser(headers={"accept-language": language}).post("/admin/login/", form)


def age(by: timedelta) -> None:
    """Let what was counted have been so long ago."""
    for attempt in AccessAttempt.objects.all():
        AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=attempt.attempt_time - by)


def test_after_a_few_wrong_passwords_the_right_one_is_none_either(anna, ask):
    answers = [ask("wrong") for _ in range(LIMIT)]
    assert [answer.status_code for answer in answers] == [401] * (LIMIT - 1) + [429]
    answer = ask(PASSWORD)
    assert answer.status_code == 429
    assert answer["Retry-After"] == str(COOL_OFF.seconds)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:soroka:problem:locked_out"


@pytest.mark.parametrize(
    ("language", "said"),
    [("ru", "Слишком много неверных паролей. Попробуйте"), ("en", "Too many wrong passwords. Try")],
)
def test_a_person_is_told_in_words(anna, language, said):
    for _ in range(LIMIT):
        answer = enter("wrong", language)
    assert answer.status_code == 429 and answer["Retry-After"]
    page = enter(PASSWORD, language)
    assert page.status_code == 429
    assert said in page.content.decode() and 'name="password"' in page.content.decode()


def test_the_doors_count_together(anna, ask):
    for _ in range(LIMIT - 1):
        ask("wrong", address="127.0.0.1")
    assert enter("wrong").status_code == 429


def test_it_ends_by_itself_and_trying_on_does_not_prolong_it(anna, ask):
    for _ in range(LIMIT):
        ask("wrong")
    age(COOL_OFF - timedelta(seconds=10))
    assert ask("wrong").status_code == 429
    age(timedelta(seconds=20))
    assert ask(PASSWORD).status_code == 200


def test_others_come_in_from_the_same_address_and_he_from_another(anna, ask, make_user):
    make_user("viewer", password=PASSWORD)
    for _ in range(LIMIT):
        ask("wrong")
    assert ask(PASSWORD, username="viewer").status_code == 200
    assert ask(PASSWORD, address="192.0.2.2").status_code == 200


def test_who_comes_in_has_his_slips_forgotten(anna, ask):
    for _ in range(3):
        for _ in range(LIMIT - 1):
            assert ask("wrong").status_code == 401
        assert ask(PASSWORD).status_code == 200


def test_an_address_that_tries_many_users_is_locked_out(anna, ask):
    for number in range(LIMITS["ip_address"]):
        answer = ask("wrong", username=f"user {number}")
    assert answer.status_code == 429
    assert ask(PASSWORD).status_code == 429
    assert ask(PASSWORD, address="192.0.2.2").status_code == 200


def test_a_user_who_is_tried_from_many_addresses_is_locked_out(anna, ask):
    for number in range(LIMITS["username"]):
        answer = ask("wrong", address=f"198.51.100.{number}")
    assert answer.status_code == 429
    assert ask(PASSWORD).status_code == 429


@pytest.mark.parametrize(
    "command", [["axes_reset"], ["axes_reset_username", "operator"], ["axes_reset_ip", "192.0.2.1"]]
)
def test_a_command_ends_it(anna, ask, command):
    for _ in range(LIMIT):
        ask("wrong")
    call_command(*command)
    assert ask(PASSWORD).status_code == 200


class TestBehindAProxy:
    def test_what_the_proxy_says_counts_and_what_the_caller_says_does_not(self, anna, ask, settings):
        settings.BEHIND_PROXY = True
        for number in range(LIMIT):
            ask("wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}, 198.51.100.7")
        assert ask(PASSWORD, HTTP_X_FORWARDED_FOR="198.51.100.7").status_code == 429
        assert ask(PASSWORD, HTTP_X_FORWARDED_FOR="198.51.100.7, 198.51.100.8").status_code == 200

    def test_without_one_nobody_can_say_where_he_is(self, anna, ask):
        for number in range(LIMIT):
            ask("wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
        assert ask(PASSWORD).status_code == 429


@pytest.mark.parametrize("username", ["x" * 151, "a\x00"])
def test_a_name_that_nobody_can_have_is_no_fault_of_ours(ask, username):
    assert ask("wrong", username=username).status_code == 400


def test_no_password_is_kept(anna, ask):
    ask("a very wrong password")
    enter("a very wrong password")
    kept = AccessAttempt.objects.values_list()
    assert len(kept) >= 2 and "very wrong" not in str(list(kept))


def counted():
    return sum(Meter.objects.filter(name=Counted.LOCKOUTS).values_list("value", flat=True))


def test_the_log_names_who_was_tried_from_where_and_that_a_lockout_began(anna, ask, logged):
    for _ in range(LIMIT + 2):
        ask("wrong", address="198.51.100.7")
    who = {("operator", "198.51.100.7")}
    refused, locked = logged("login refused"), logged("locked out")
    assert (len(refused), len(locked), counted()) == (LIMIT + 2, 1, 1)
    assert {(line["user"], line["address"]) for line in refused + locked} == who
    age(COOL_OFF)
    for _ in range(LIMIT):
        enter("wrong")
    assert (len(logged("locked out")), counted()) == (2, 2)
    assert logged("locked out")[1]["address"] == "127.0.0.1"


def test_the_trail_has_each_lockout_of_a_user_and_no_wrong_password(anna, ask):
    for _ in range(LIMIT + 2):
        ask("wrong", address="198.51.100.7")
        ask("wrong", address="198.51.100.8", username="nobody")
    entry = Change.objects.get()
    assert (entry.action, entry.kind, entry.object_id, entry.name) == ("locked_out", "user", anna.pk, "operator")
    assert (entry.actor_kind, entry.actor, entry.channel, entry.address) == ("service", "", "api", "198.51.100.7")


def test_a_name_that_nobody_has_is_not_told_for_it_may_be_a_password(anna, ask, logged):
    ask("operator", username="tailfeather-8")
    [line] = logged("login refused")
    assert (line["user"], line["address"]) == (None, "192.0.2.1")
    assert "tailfeather" not in str(logged())
