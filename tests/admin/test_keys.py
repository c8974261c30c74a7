"""API keys are made on the desk and shown once."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from soroka.models import ApiKey
from tests.admin.conftest import PASSWORD
from tests.admin.pages import seen

LIST = "/admin/soroka/apikey/"


@pytest.fixture
def admin(admin_by_password):
    return admin_by_password


def made(admin, **fields):
    answer = admin.post(f"{LIST}add/", {"name": "shop", "role": "operator", "password": PASSWORD} | fields)
    assert answer.status_code == 200
    return answer


def test_a_key_is_shown_once_and_opens_the_api(admin):
    answer = made(admin)
    secret = answer.context["secret"]
    assert secret in seen(answer)
    assert "no-store" in answer["Cache-Control"]
    assert secret not in admin.get(LIST).content.decode()
    assert ApiKey.objects.get().digest != secret
    assert secret not in str(dict(admin.session.items()))
    program = APIClient(headers={"authorization": f"Api-Key {secret}"})
    assert program.post("/tags", {"name": "new"}, format="json").status_code == 201


def test_a_deleted_key_opens_nothing_and_its_user_is_gone(admin):
    secret = made(admin).context["secret"]
    key = ApiKey.objects.get()
    assert admin.post(f"{LIST}{key.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=key.user_id).exists()
    assert APIClient(headers={"authorization": f"Api-Key {secret}"}).get("/tags").status_code == 401


def test_a_name_is_taken_once_and_a_key_may_end(admin):
    made(admin, days=3)
    assert ApiKey.objects.get().expires_at
    assert "operator" in seen(admin.get(f"{LIST}{ApiKey.objects.get().pk}/change/"))
    ApiKey.objects.update(expires_at=timezone.now())
    assert any(text.endswith(", over") for text in seen(admin.get(LIST)))
    answer = admin.post(f"{LIST}add/", {"name": "shop", "role": "viewer", "password": PASSWORD})
    assert set(answer.context["form"].errors) == {"name"}
    refused = admin.post(f"{LIST}add/", {"name": "b", "role": "king", "days": 0, "password": PASSWORD})
    assert set(refused.context["form"].errors) == {"role", "days"}


def test_users_of_keys_are_not_among_the_people(admin):
    made(admin)
    assert not any("shop" in text for text in seen(admin.get("/admin/auth/user/")))


def test_a_key_is_confined_to_what_is_ticked(admin):
    secret = made(admin, scopes=["clients:read", "tags:write"]).context["secret"]
    assert ApiKey.objects.get().scopes == ["clients:read", "tags:write"]
    assert "clients:read, tags:write" in seen(admin.get(LIST))
    program = APIClient(headers={"authorization": f"Api-Key {secret}"})
    assert (program.get("/clients").status_code, program.get("/mailings").status_code) == (200, 403)
    refused = admin.post(f"{LIST}add/", {"name": "b", "role": "viewer", "scopes": ["everything"], "password": PASSWORD})
    assert set(refused.context["form"].errors) == {"scopes"}
