"""Tokens of programs: short-lived, refreshed once each, and ended by a new password."""

from datetime import timedelta

import jwt
import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

PASSWORD = "tailfeather-7"


@pytest.fixture(autouse=True)
def quick(settings):
    """Hashing a password costs half a second on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def anna(make_user):
    return make_user("operator", password=PASSWORD)


@pytest.fixture
def tokens(anna, caller):
    return caller().post("/auth/token", {"username": "operator", "password": PASSWORD}, format="json").json()


@pytest.fixture
def refresh(caller):
    def ask(token, path="/auth/token/refresh"):
        return caller().post(path, {"refresh": token}, format="json")

    return ask


@pytest.fixture
def reads(caller):
    return lambda access: caller().get("/tags", headers={"Authorization": f"Bearer {access}"}).status_code == 200


def life(token):
    told = jwt.decode(token, options={"verify_signature": False})
    return told["exp"] - told["iat"]


def test_they_hold_for_minutes_and_a_day(tokens):
    assert (life(tokens["access"]), life(tokens["refresh"])) == (5 * 60, 24 * 60 * 60)


def test_a_refresh_token_is_good_for_once_and_brings_the_next_one(tokens, refresh, reads):
    first = refresh(tokens["refresh"]).json()
    assert reads(first["access"]) and first["refresh"] != tokens["refresh"]
    again = refresh(tokens["refresh"])
    assert again.status_code == 401
    assert again.json()["type"] == "urn:soroka:problem:token_not_valid"
    assert reads(refresh(first["refresh"]).json()["access"])


def test_a_refresh_token_can_be_revoked(tokens, refresh):
    assert refresh(tokens["refresh"], "/auth/token/revoke").status_code == 200
    assert refresh(tokens["refresh"]).status_code == 401
    assert refresh(tokens["refresh"], "/auth/token/revoke").status_code == 401


def test_a_new_password_ends_all_of_them(anna, tokens, refresh, reads):
    assert reads(tokens["access"])
    anna.set_password("another-one-7")
    anna.save()
    assert not reads(tokens["access"])
    assert not reads(refresh(tokens["refresh"]).json()["access"])


@pytest.mark.parametrize("end", ["switch off", "remove"])
def test_so_does_the_end_of_the_user(anna, tokens, refresh, reads, end):
    if end == "remove":
        anna.delete()
    else:
        anna.is_active = False
        anna.save()
    assert not reads(tokens["access"])
    answer = refresh(tokens["refresh"])
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


def test_an_access_token_refreshes_nothing_and_a_refresh_token_opens_nothing(tokens, refresh, reads):
    assert refresh(tokens["access"]).status_code == 401
    assert not reads(tokens["refresh"])


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_that_somebody_made_is_none(anna, reads, algorithm):
    claims = {"token_type": "access", "exp": 4_000_000_000, "iat": 1, "jti": "a", "user_id": str(anna.pk)}
    key = None if algorithm == "none" else "a key that is none of ours, and as long as it has to be"
    assert not reads(jwt.encode(claims, key, algorithm))
    assert django_settings.SECRET_KEY not in str(claims)


def test_those_that_are_over_are_forgotten(anna, tokens, refresh):
    past = timezone.now() - timedelta(seconds=1)
    OutstandingToken.objects.create(user=anna, jti="old", token="old", expires_at=past)
    refresh(tokens["refresh"])
    assert not OutstandingToken.objects.filter(jti="old").exists()
