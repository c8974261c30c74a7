"""What opens a way in for good takes more than a session that was left open: password and code of the administrator."""

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User

from soroka.access.second_factor import factor_of
from soroka.domain.guessing import LIMIT
from soroka.models import ApiKey, Change, Totp
from tests.admin.conftest import PASSWORD
from tests.second_factor import set_up, shown_by, wrong

NEW = "tailfeather-8"
KEY, FACTOR, OTHERS_PASSWORD = "a key", "a reset of another's second factor", "a password of another"
EVERY = [KEY, FACTOR, OTHERS_PASSWORD]


@pytest.fixture
def admin(admin_by_password):
    return admin_by_password


@pytest.fixture
def user(admin):
    return User.objects.get(username="admin")


@pytest.fixture
def anna():
    user = User.objects.create_user("anna", password=PASSWORD, is_staff=True)
    set_up(user)
    return user


@pytest.fixture(params=EVERY)
def deed(request):
    return request.param


@pytest.fixture
def page(deed, anna):
    """Its address, and what is filled in beside the proof."""
    return {
        KEY: ("/admin/soroka/apikey/add/", {"name": "shop", "role": "admin"}),
        FACTOR: (f"/admin/auth/user/{anna.pk}/reset-second-factor/", {}),
        OTHERS_PASSWORD: (f"/admin/auth/user/{anna.pk}/password/", {"password1": NEW, "password2": NEW}),
    }[deed]


@pytest.fixture
def ask(admin, page):
    """``ask(password=..., code=...)``: the answer."""
    address, fields = page
    return lambda **proof: admin.post(address, fields | proof)


@pytest.fixture
def is_done(deed, anna):
    return {
        KEY: lambda: ApiKey.objects.filter(name="shop").exists(),
        FACTOR: lambda: factor_of(anna) is None,
        OTHERS_PASSWORD: lambda: User.objects.get(pk=anna.pk).check_password(NEW),
    }[deed]


def test_it_takes_the_password_of_whoever_does_it(admin, page, ask, is_done):
    form = admin.get(page[0]).content.decode()
    assert 'name="password"' in form and 'name="code"' not in form
    assert set(ask().context["form"].errors) == {"password"}
    assert b"Your password is wrong." in ask(password="x").content and not is_done()
    ask(password=PASSWORD)
    assert is_done()


def test_it_takes_the_code_of_one_who_has_a_second_factor(user, ask, is_done):
    app, _ = set_up(user)
    assert set(ask(password=PASSWORD).context["form"].errors) == {"code"}
    assert b"password or the code is wrong" in ask(password=PASSWORD, code=wrong(app)).content and not is_done()
    Totp.objects.update(throttling_failure_timestamp=None)
    ask(password=PASSWORD, code=shown_by(app))
    assert is_done()


def test_whoever_sits_before_an_open_session_cannot_guess(ask, is_done):
    for _ in range(LIMIT):
        answer = ask(password="x")
    assert answer.status_code == 429 and b"Too many" in answer.content
    assert ask(password=PASSWORD).status_code == 429 and not is_done()


def test_nothing_that_was_typed_is_kept(ask):
    ask(password="a very wrong password")
    kept = str(AccessAttempt.objects.values_list())
    assert "password=***" in kept and "very wrong" not in kept and NEW not in kept


def test_who_has_no_password_is_asked_for_none(admin, user, page, ask, is_done):
    user.set_unusable_password()
    user.save()
    admin.force_login(user)
    assert 'name="password"' not in admin.get(page[0]).content.decode()
    ask()
    assert is_done()


@pytest.mark.parametrize("deed", [OTHERS_PASSWORD], indirect=True)
def test_a_password_of_another_is_told_and_a_bad_one_uses_up_no_code(admin, user, page, anna):
    app, _ = set_up(user)
    proof = {"password": PASSWORD, "code": shown_by(app)}
    assert b"too short" in admin.post(page[0], {"password1": "x", "password2": "x"} | proof).content
    assert admin.post(page[0], {"password1": NEW, "password2": NEW} | proof).status_code == 302
    entry = Change.objects.filter(name="anna").first()
    assert (entry.actor, entry.before, entry.after) == ("admin", {}, {"password": "…"})


@pytest.mark.parametrize("deed", [OTHERS_PASSWORD], indirect=True)
def test_his_own_password_is_not_set_without_it_either(admin, user, deed):
    admin.post(f"/admin/auth/user/{user.pk}/password/", {"password1": NEW, "password2": NEW, "password": "x"})
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)
