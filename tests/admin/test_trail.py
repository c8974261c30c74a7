"""The trail on the desk: all of it for administrators, a row's own for who may see the row."""

import getpass
import re

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client as Browser
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from soroka.access.keys import make_key
from soroka.admin.differences import differences, names_in
from soroka.domain.role import Role
from soroka.management.commands.prepare import make_default_gateway
from soroka.models import ApiKey, Change, Client, Gateway, Segment, Tag, Zone
from tests.admin.pages import seen

GATEWAY = {"connections": 5, "burst": 10, "max_tries": 5, "backoff_base": 0.5, "backoff_cap": 300, "jitter": 1}


def test_a_gateway_leaves_what_differs_and_no_token(admin):
    form = {"name": "second", "url": "https://g.example", "new_token": "s3cr3t-token", **GATEWAY}
    admin.post(reverse("admin:soroka_gateway_add"), form)
    made = Gateway.objects.get(name="second")
    address = reverse("admin:soroka_gateway_change", args=[made.pk])
    admin.post(address, form | {"new_token": "", "connections": 7})
    change = Change.objects.first()
    assert (change.action, change.actor, change.channel) == ("changed", "admin", "admin")
    assert (change.before["connections"], change.after["connections"]) == (5, 7)
    assert not any("s3cr3t" in str(entry.after) for entry in Change.objects.all())
    history = " ".join(seen(admin.get(reverse("admin:soroka_gateway_history", args=[made.pk]))))
    assert "5 → 7" in history and "admin" in history


def secret_gateway():
    made = Gateway(name="second", url="https://g.example", rate=12.5)
    made.set_token("s3cr3t-token")
    made.set_inbound_secret("s3cr3t-of-replies")
    made.save()
    return made


def operator():
    made = User.objects.create_user("vera", password="tailfeather-7", first_name="Vera", is_staff=True)
    made.groups.add(Group.objects.get(name="operator"))
    return made


#: Of every kind of row that can be deleted on the desk: one, and something of what it was.
DELETABLE = {
    Client: (
        lambda: Client.objects.create(phone=79161234567, operator_code=916, zone=Zone.objects.get()),
        {"phone": 79161234567},
    ),
    Tag: (lambda: Tag.objects.create(name="vip"), {"name": "vip"}),
    Segment: (lambda: Segment.objects.create(name="A few", filter={"operator_codes": [916]}), {"name": "A few"}),
    Gateway: (secret_gateway, {"name": "second", "url": "https://g.example", "rate": 12.5, "max_tries": 5}),
    ApiKey: (lambda: make_key("shop", Role.VIEWER)[0], {"name": "shop"}),
    User: (operator, {"username": "vera", "first_name": "Vera", "is_active": True, "role": "operator"}),
}


def test_every_kind_that_can_be_deleted_on_the_desk_is_known_here(admin):
    request = RequestFactory().get("/admin/")
    request.user = User.objects.get(username="admin")
    deletable = {model for model, page in site._registry.items() if page.has_delete_permission(request)}
    assert deletable == set(DELETABLE)


@pytest.mark.parametrize("model", DELETABLE, ids=lambda model: model.__name__)
def test_what_is_deleted_is_told_as_it_was_without_its_secrets(admin, moscow, model):
    make, was = DELETABLE[model]
    row = make()
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_delete", args=[row.pk])
    assert admin.post(address, {"post": "yes"}).status_code == 302
    assert not model.objects.filter(pk=row.pk).exists()
    entry = Change.objects.get(kind=row._meta.model_name, action="deleted")
    assert (entry.object_id, entry.actor) == (row.pk, "admin")
    assert was.items() <= entry.before.items()
    assert not [value for value in entry.before.values() if "s3cr3t" in str(value) or "$" in str(value)]
    assert not entry.before.keys() & {"token", "inbound_secret", "password", "digest"}


def test_the_trail_is_for_administrators(enter, mailing):
    address = reverse("admin:soroka_change_changelist")
    assert enter("operator").get(address).status_code == 403
    enter("operator").post(f"/admin/soroka/mailing/{mailing.pk}/pause/")
    page = " ".join(seen(enter("admin", "en").get(f"{address}?q={mailing.pk}")))
    assert "paused" in page and "operator" in page
    history = reverse("admin:soroka_mailing_history", args=[mailing.pk])
    assert "Paused" in " ".join(seen(enter("viewer", "en").get(history)))


@pytest.fixture
def search(admin):
    """``search("vera")``: the numbers of the entries that are found."""
    entry = {"action": "changed", "kind": "tag", "channel": "api", "actor_kind": "user"}
    others = [{"actor": "anna"}, {"name": "vip"}, {"address": "203.0.113.8"}, {"object_id": 700}, {"request_id": "b1"}]
    Change.objects.bulk_create(Change(**entry | other) for other in others)

    def find(term, **filters):
        answer = admin.get(reverse("admin:soroka_change_changelist"), {"q": term} | filters)
        assert answer.status_code == 200
        return [change.pk for change in answer.context["cl"].result_list]

    return find


@pytest.mark.parametrize(
    ("term", "entry"),
    [
        ("vera", {"actor": "vera"}),
        ("79", {"actor": "79"}),  # a name may look like a number
        ("Spring sale", {"name": "Spring sale"}),
        (" 203.0.113.7 ", {"address": "203.0.113.7"}),
        ("2001:DB8::1", {"address": "2001:db8::1"}),
        ("2001:db8::1%eth0", {"address": "2001:db8::1"}),
        ("79", {"object_id": 79}),
        ("a1b2-c3", {"request_id": "a1b2-c3"}),
    ],
)
def test_an_entry_is_found_by_all_that_it_says(search, term, entry):
    said = {"action": "deleted", "kind": "mailing", "channel": "api", "actor_kind": "user"} | entry
    made = Change.objects.create(**said)
    assert search(term) == [made.pk]
    assert search(term, action="deleted") == [made.pk]
    assert search(term, action="paused") == []


@pytest.mark.parametrize(
    ("term", "by"), [("vera", set()), ("79", {"change_object"}), ("203.0.113.7", {"change_address"})]
)
def test_a_search_reads_no_more_than_can_be_leafed_through_by_an_index_each(search, term, by):
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as asked:
        search(term)
        cursor.execute("SET LOCAL enable_seqscan = off")
        [statement] = [query["sql"] for query in asked if " UNION " in query["sql"]]
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert {"change_actor", "change_name", "change_request"} | by == set(re.findall(r"(?:using|on) (change_\w+)", plan))
    assert statement.count("LIMIT 10000") == statement.count("SELECT") + 1
    assert plan.count("Index Cond") == statement.count("SELECT")


def test_who_comes_in_by_his_password_is_told_and_who_does_not_is_not():
    User.objects.create_user("vera", password="tailfeather-7", is_staff=True)
    for password in ("wrong", "tailfeather-7"):
        Browser().post(reverse("admin:login"), {"username": "vera", "password": password})
    entry = Change.objects.get()
    assert (entry.action, entry.kind, entry.name) == ("logged_in", "user", "vera")
    assert (entry.actor, entry.channel, entry.address) == ("vera", "admin", "127.0.0.1")


def test_a_user_who_gets_another_role_is_told_with_both(admin):
    form = {"username": "vera", "password1": "tailfeather-7", "password2": "tailfeather-7", "role": "viewer"}
    admin.post(reverse("admin:auth_user_add"), form)
    vera = User.objects.get(username="vera")
    admin.post(
        reverse("admin:auth_user_change", args=[vera.pk]), {"username": "vera", "role": "operator", "is_active": "on"}
    )
    made, changed = Change.objects.filter(kind="user").order_by("id")
    assert (made.after["username"], made.after["role"], made.after["password1"]) == ("vera", "viewer", "…")
    assert (changed.before, changed.after) == ({"role": "viewer"}, {"role": "operator"})
    history = seen(admin.get(reverse("admin:auth_user_history", args=[vera.pk])))
    assert "role: viewer → operator" in history


class TestAPasswordFromTheCommandLine:
    @pytest.fixture
    def change(self, monkeypatch, capsys):
        """``change("new", "new")``: what somebody types."""
        User.objects.create_user("vera", password="tailfeather-7")

        def typed(*words):
            left = iter(words)
            monkeypatch.setattr(getpass, "getpass", lambda prompt: next(left))
            call_command("changepassword", "vera")
            return capsys.readouterr().out

        return typed

    def test_it_is_told(self, change):
        assert "successfully for user 'vera'" in change(
            "tailfeather-8", "tailfeather-9", "tailfeather-8", "tailfeather-8"
        )
        assert User.objects.get().check_password("tailfeather-8")
        entry = Change.objects.get()
        assert (entry.actor_kind, entry.actor, entry.channel) == ("command", getpass.getuser(), "command")
        assert (entry.action, entry.kind, entry.name) == ("changed", "user", "vera")
        assert (entry.before, entry.after) == ({}, {"password": "…"})

    def test_one_that_is_none_is_not(self, change):
        with pytest.raises(CommandError, match="after 3 attempts"):
            change(*["short"] * 6)
        assert User.objects.get().check_password("tailfeather-7") and not Change.objects.exists()


@pytest.mark.parametrize(("login", "who"), [("vera", "command line (vera)"), (None, "command line")])
def test_who_acts_by_the_command_line_is_told_by_his_login_on_the_machine(
    admin, monkeypatch, settings, gateway, login, who
):
    def known():
        if login is None:
            raise KeyError("getpwuid(): uid not found: 10001")
        return login

    monkeypatch.setattr("getpass.getuser", known)
    gateway.set_token("sealed with the key of before")
    gateway.save()
    settings.GATEWAY_KEYS = ["another key, long enough for everything that needs one", *settings.GATEWAY_KEYS]
    call_command("rotate_gateway_keys")
    entry = Change.objects.get()
    assert (entry.actor_kind, entry.actor, entry.channel) == ("command", login or "", "command")
    assert who in seen(admin.get(reverse("admin:soroka_gateway_history", args=[gateway.pk])))


def test_the_start_tells_what_it_changes_of_the_gateway(settings):
    settings.GATEWAY_IDEMPOTENT = True
    make_default_gateway()
    make_default_gateway()
    settings.GATEWAY_IDEMPOTENT = False
    make_default_gateway()
    made, changed = Change.objects.order_by("id")
    assert (made.action, made.name, made.after) == ("created", "default", {"idempotent": True})
    assert (changed.before, changed.after) == ({"idempotent": True}, {"idempotent": False})


def told(*changes):
    """What all of them say, a list each."""
    names = names_in(changes)
    return [differences(change, names) for change in changes]


def test_values_with_parts_are_told_and_what_is_empty_is_not(vip):
    made = Change(kind="client", after={"attributes": {"name": "Anna"}, "tag_ids": [], "opted_out": False})
    emptied = Change(kind="client", before={"tag_ids": [vip.pk]}, after={"tag_ids": []})
    [[attributes, opted_out], [tags]] = told(made, emptied)
    assert "name: Anna" in attributes and "—" not in opted_out
    assert tags.endswith("vip → —")


def test_numbers_of_rows_are_told_by_name_and_moments_by_the_viewers_clock(vip, gateway):
    gone = 10_000
    filter_ = {"tag_ids": [vip.pk, gone], "operator_codes": [916], "match_all": False, "everyone": False}
    window = {"from": "09:00", "to": "21:00", "days": [1, 2, 3, 4, 5, 6, 7], "holidays": []}
    after = {
        "filter": filter_, "gateway_id": gateway.pk, "fallbacks": [gateway.pk, gone], "window": window,
        "ends_at": "2026-11-29T09:41:53.113Z", "cap": {"messages": 3, "days": 7},
    }  # fmt: skip
    with translation.override("en"), timezone.override("Asia/Vladivostok"):
        [lines] = told(Change(kind="mailing", after=after))
    assert lines == [
        f"filter: any of the tags: #{gone}, vip; operator codes: 916", "gateway: default",
        f"fallbacks: default, #{gone}",
        "send window: 09:00–21:00, every day", "end: 29 November 2026, 19:41",
        "cap: at most 3 to one client within 7 × 24 hours",
    ]  # fmt: skip


def test_counts_have_thin_spaces_and_phones_have_none():
    counted = Change(kind="clientimport", after={"rows": 10_000, "state": "waiting", "replace_tags": True})
    named = Change(kind="client", before={"phone": 79161234567}, after={"phone": 79161234568})
    with translation.override("en"):
        [lines, [phone]] = told(counted, named)
    assert lines == ["rows: 10\u202f000", "state: waits for its columns", "replace tags: yes"]
    assert phone == "phone: 79161234567 → 79161234568"
