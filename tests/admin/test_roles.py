"""Viewers see, operators work, administrators do everything."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client as Browser
from django.urls import reverse

from soroka.models import Change, Client
from tests.admin.pages import seen

WORK = ["soroka_tag", "soroka_client", "soroka_clientimport", "soroka_mailing"]
POWER = ["soroka_gateway", "auth_user", "soroka_apikey"]
SHOWN_TO_ALL = [*WORK, "soroka_message", "soroka_gateway"]


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
@pytest.mark.parametrize("name", [*SHOWN_TO_ALL, "auth_user", "auth_group", "soroka_apikey"])
def test_it_shows_each_role_its_lists(enter, role, name):
    allowed = name in SHOWN_TO_ALL or role == "admin"
    assert enter(role).get(reverse(f"admin:{name}_changelist")).status_code == (200 if allowed else 403)


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
@pytest.mark.parametrize("name", [*WORK, *POWER])
def test_it_lets_each_role_make_what_it_may(enter, role, name):
    allowed = role == "admin" or (role == "operator" and name in WORK)
    assert enter(role).get(reverse(f"admin:{name}_add")).status_code == (200 if allowed else 403)
    if not allowed:
        assert enter(role).post(reverse(f"admin:{name}_add"), {"name": "x"}).status_code == 403


@pytest.mark.parametrize("verb", ["pause", "cancel"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_viewer_may_not_stop_a_mailing(enter, mailing, verb, method):
    assert getattr(enter("viewer"), method)(f"/admin/soroka/mailing/{mailing.pk}/{verb}/").status_code == 403
    mailing.refresh_from_db()
    assert mailing.paused_at is None and mailing.cancelled_at is None


def test_a_viewer_sees_a_client_and_changes_none(enter, make_clients, vip):
    [client] = make_clients(1, tag_ids=[vip.pk], attributes={"name": "Анна"})
    viewer = enter("viewer")
    address = reverse("admin:soroka_client_change", args=[client.pk])
    assert {f"+{client.phone}", "vip", "Europe/Moscow", "name: Анна"} <= set(seen(viewer.get(address)))
    assert viewer.post(address, {"phone": "+79990000000"}).status_code == 403
    assert viewer.post(reverse("admin:soroka_client_delete", args=[client.pk]), {"post": "yes"}).status_code == 403
    assert Client.objects.get().phone == client.phone


def test_the_desk_is_closed_without_a_login(client):
    for address in (reverse("admin:index"), reverse("admin:soroka_mailing_add"), "/admin/soroka/mailing/1/pause/"):
        answer = client.post(address)
        assert answer.status_code == 302 and answer["Location"].startswith("/admin/login/")


def test_nobody_writes_messages(admin, mailing):
    address = reverse("admin:soroka_message_changelist")
    assert admin.get(f"{address}add/").status_code == 403
    assert admin.post(f"{address}1/delete/", {"post": "yes"}).status_code == 403


def test_a_new_user_gets_a_role_and_may_come_in(admin, client):
    form = {"username": "vera", "password1": "tailfeather-7", "password2": "tailfeather-7", "role": "operator"}
    assert admin.post(reverse("admin:auth_user_add"), form).status_code == 302
    login = {"username": "vera", "password": "tailfeather-7", "next": "/admin/"}
    assert client.post("/admin/login/", login)["Location"] == "/admin/"
    assert client.get(reverse("admin:soroka_mailing_add")).status_code == 200


def test_who_is_switched_off_is_out_at_once_and_logs_in_anew_when_he_is_on_again(admin, client):
    vera = User.objects.create_user("vera", password="tailfeather-7", is_staff=True)
    client.force_login(vera)
    answers = {"username": "vera", "password": "tailfeather-7"}
    tokens = client.post("/auth/token", answers, content_type="application/json").json()
    form, page = {"username": "vera", "role": "viewer"}, reverse("admin:auth_user_change", args=[vera.pk])

    def who_is_in():
        bearer = {"Authorization": f"Bearer {tokens['access']}"}
        browser, program = client.get("/admin/"), Browser().get("/tags", headers=bearer)
        return browser.status_code == 200, program.status_code == 200

    admin.post(page, form | {"is_active": "on"})
    assert who_is_in() == (True, True)
    admin.post(page, form)
    assert who_is_in() == (False, False)
    admin.post(page, form | {"is_active": "on"})
    assert who_is_in()[0] is False
    refreshed = client.post("/auth/token/refresh", {"refresh": tokens["refresh"]}, content_type="application/json")
    assert refreshed.status_code == 401
    told = list(Change.objects.filter(action="changed", name="vera").order_by("id").values_list("after", flat=True))
    assert told[-2:] == [{"is_active": False}, {"is_active": True}]


def test_a_change_of_role_takes_the_old_one_away(admin):
    vera = User.objects.create_user("vera", is_staff=True)
    vera.groups.add(Group.objects.get(name="admin"))
    form = {"username": "vera", "role": "viewer", "is_active": "on", "is_superuser": "on"}
    assert admin.post(reverse("admin:auth_user_change", args=[vera.pk]), form).status_code == 302
    vera.refresh_from_db()
    assert [group.name for group in vera.groups.all()] == ["viewer"]
    assert not vera.is_superuser
