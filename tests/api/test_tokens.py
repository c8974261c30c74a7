"""Tokens of programs: short-lived, refreshed once each, and ended by a new password."""

from datetime import timedelta

import jwt
import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from soroka.access.keys import make_key
from soroka.access.second_factor import remove
from soroka.domain.guessing import LIMIT
from soroka.domain.role import Role
from soroka.models import Change
from tests.second_factor import set_up, shown_by, wrong

PASSWORD = "tailfeather-7"


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


def test_those_that_come_of_it_are_good_as_well(tokens, refresh, reads):
    first = refresh(tokens["refresh"]).json()
    assert reads(refresh(first["refresh"]).json()["access"])


def test_one_that_is_used_again_ends_all_of_its_user_and_the_trail_says_so(anna, tokens, refresh, make_user, caller):
    make_user("viewer", password=PASSWORD)
    others = caller().post("/auth/token", {"username": "viewer", "password": PASSWORD}, format="json").json()
    first = refresh(tokens["refresh"]).json()
    assert refresh(tokens["refresh"]).status_code == 401
    assert refresh(first["refresh"]).status_code == 401, "whoever has it may be the thief"
    change = Change.objects.get(kind="user", object_id=anna.pk, action="changed")
    assert (change.before, change.after, change.channel) == ({"tokens": 1}, {"tokens": 0}, "api")
    assert change.address == "127.0.0.1"
    assert refresh(others["refresh"]).status_code == 200


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


class TestWithASecondFactor:
    """The code is asked for beside the password; where one is required, tokens without it open nothing."""

    @pytest.fixture
    def ask(self, caller):
        api = caller()

        def post(username="operator", **answers):
            return api.post("/auth/token", {"username": username, "password": PASSWORD} | answers, format="json")

        return post

    @pytest.fixture
    def says(self, caller):
        def of(credential):
            answer = caller().get("/tags", headers={"Authorization": credential})
            return answer.json().get("type", answer.status_code)

        return of

    def test_tokens_take_its_code(self, anna, ask, reads):
        app, _ = set_up(anna)
        refused = ask()
        assert refused.status_code == 401 and "`code`" in refused.json()["detail"]
        assert reads(ask(code=shown_by(app)).json()["access"])

    def test_a_code_is_good_for_once_and_so_is_a_recovery_code(self, anna, ask):
        app, [first, *_] = set_up(anna)
        answers = [ask(code=code).status_code for code in (shown_by(app), shown_by(app), first, first)]
        assert answers == [200, 401, 200, 401]

    def test_nobody_learns_whether_the_password_was_right(self, anna, ask):
        app, _ = set_up(anna)
        answers = [ask(), ask(code=wrong(app)), ask(password="x"), ask(username="nobody", code=shown_by(app))]
        told = [answer.json() | {"request_id": ""} for answer in answers]
        assert all(one == told[0] for one in told) and {answer.status_code for answer in answers} == {401}

    def test_wrong_codes_lock_out_as_wrong_passwords_do(self, anna, ask):
        app, _ = set_up(anna)
        assert [ask(code=wrong(app)).status_code for _ in range(LIMIT)] == [401] * (LIMIT - 1) + [429]
        assert ask(code=shown_by(app)).status_code == 429

    def test_a_code_that_is_none_names_its_field(self, anna, ask):
        assert ask(code="1" * 33).json()["errors"][0]["field"] == "code"
        assert ask(code="").status_code == 200

    def test_where_one_is_required_tokens_without_it_open_nothing(self, make_user, ask, says, refresh, settings):
        settings.REQUIRE_TOTP = "admin"
        vera = make_user("admin", password=PASSWORD)
        bare = ask("admin").json()
        missing = "urn:soroka:problem:second_factor_missing"
        assert says(f"Bearer {bare['access']}") == missing
        assert says(f"Bearer {refresh(bare['refresh']).json()['access']}") == missing

        app, _ = set_up(vera)
        tokens = ask("admin", code=shown_by(app)).json()
        assert says(f"Bearer {tokens['access']}") == 200
        assert says(f"Bearer {refresh(tokens['refresh']).json()['access']}") == 200
        assert says(f"Api-Key {make_key('shop', Role.ADMIN)[1]}") == 200, "nobody types the keys of programs"

    @pytest.mark.parametrize(("whom", "opens"), [("none", True), ("admin", True), ("all", False)])
    def test_others_are_asked_only_where_all_are(self, tokens, says, settings, whom, opens):
        settings.REQUIRE_TOTP = whom
        assert (says(f"Bearer {tokens['access']}") == 200) is opens

    def test_who_has_none_any_more_needs_none(self, anna, ask):
        set_up(anna)
        remove(anna)
        assert ask().status_code == 200
