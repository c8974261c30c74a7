"""A key may be confined to a part of what its role may do."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import get_resolver
from rest_framework.test import APIClient

from soroka.access.keys import make_key
from soroka.domain.role import Role
from soroka.domain.scope import RESOURCES, SCOPES, is_within
from soroka.models import ApiKey, Change

#: What a key has nothing to do with: pages for people, and what is open to everybody.
OPEN = {"", "admin", "auth", "docs", "livez", "metrics", "readyz", "redoc", "schema", "swagger", "u"}


@pytest.fixture
def program():
    """``program("clients:read")``: one with a key of an operator that is confined to that."""

    def make(*scopes, role=Role.OPERATOR):
        api = APIClient(raise_request_exception=False)
        api.credentials(HTTP_AUTHORIZATION=f"Api-Key {make_key('-'.join(scopes) or 'all', role, scopes=scopes)[1]}")
        return api

    return make


def test_every_address_belongs_to_a_scope_or_is_open():
    first = {str(pattern.pattern).partition("/")[0] for pattern in get_resolver().url_patterns}
    assert {name.partition(".")[0] for name in first} == OPEN | set(RESOURCES)


def test_a_key_reads_what_it_may_and_nothing_else(program):
    api = program("clients:read")
    assert api.get("/clients").status_code == api.get("/").status_code == api.get("/clients/").status_code == 200
    for refused in (
        api.get("/mailings"),
        api.get("/mailing-statistics"),
        api.post("/clients", {"phone": "79161234567"}),
    ):
        assert refused.status_code == 403
        assert refused.json()["type"] == "urn:soroka:problem:out_of_scope"


def test_who_may_write_may_read(program):
    api = program("tags:write", "statistics:read")
    made = api.post("/tags", {"name": "vip"}, format="json")
    assert made.status_code == 201
    assert api.delete(f"/tags/{made.json()['id']}").status_code == 204
    assert api.get("/tags").status_code == api.get("/mailing-statistics").status_code == 200
    assert api.post("/segments", {}).status_code == 403


def test_a_scope_gives_nothing_that_the_role_does_not(program):
    assert program("tags:write", role=Role.VIEWER).post("/tags", {"name": "vip"}).status_code == 403


def test_a_key_without_scopes_may_what_its_role_may(program):
    api = program()
    assert api.post("/tags", {"name": "vip"}, format="json").status_code == 201
    assert api.get("/messages").status_code == 200


def test_the_command_takes_scopes_and_the_trail_keeps_them():
    call_command("create_api_key", "shop", "--role=operator", "--scope=clients:write", "--scope=mailings:read")
    assert ApiKey.objects.get().scopes == ["clients:write", "mailings:read"]
    assert Change.objects.get(kind="apikey").after["scopes"] == ["clients:write", "mailings:read"]
    with pytest.raises(CommandError):
        call_command("create_api_key", "other", "--role=operator", "--scope=everything")


def test_what_is_unknown_is_closed_to_a_confined_key():
    assert not is_within(SCOPES, "/unheard-of", writes=False)
    assert not is_within(SCOPES, "/", writes=True)
    assert not is_within(["tags:read"], "/tagsandmore", writes=False)
