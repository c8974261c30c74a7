"""What every answer tells a browser, and how a session is kept."""

import pytest
from django.conf import settings as django_settings
from django.test import Client as Browser

from soroka.config.security import cookies

PASSWORD = "tailfeather-7"


@pytest.fixture
def anna(make_user):
    return make_user("operator", password=PASSWORD, is_staff=True)


def come_in(browser):
    form = {"username": "operator", "password": PASSWORD, "next": "/admin/"}
    return browser.post("/admin/login/", form).cookies["sessionid"]


@pytest.fixture
def https(monkeypatch, settings):
    """As it is behind a proxy with HTTPS."""
    monkeypatch.setenv("HTTPS_ONLY", "true")
    for name, value in cookies(behind_proxy=True).items():
        setattr(settings, name, value)
    return {"HTTP_X_FORWARDED_PROTO": "https"}


@pytest.mark.parametrize(
    "path", ["/admin/login/", "/tags", "/schema", "/livez", "/nothing", "/static/soroka/favicon.svg"]
)
def test_every_answer_is_closed_to_others(path):
    closed_to_others(Browser().get(path))


def test_so_is_that_to_a_body_of_unknown_length():
    answer = Browser(headers={"Transfer-Encoding": "chunked"}).generic("POST", "/tags", b"")
    assert answer.status_code == 411
    closed_to_others(answer)


def closed_to_others(answer):
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert "Server" not in answer


def test_a_session_is_for_half_a_day_and_for_no_script(anna):
    cookie = come_in(Browser())
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert cookie["max-age"] == django_settings.SESSION_COOKIE_AGE == 12 * 60 * 60


def test_a_session_that_somebody_laid_in_wait_is_not_kept_by_the_login(anna):
    browser = Browser()
    browser.session.save()
    browser.get("/admin/login/")
    before = browser.session.session_key
    assert come_in(browser).value != before


def test_a_new_password_ends_all_sessions(anna):
    browser = Browser()
    come_in(browser)
    assert browser.get("/admin/").status_code == 200
    anna.set_password("another-one-7")
    anna.save()
    assert browser.get("/admin/").status_code == 302


def test_a_session_that_was_left_is_over(anna):
    browser, other = Browser(), Browser()
    other.cookies["sessionid"] = come_in(browser).value
    assert other.get("/admin/").status_code == 200
    browser.post("/admin/logout/")
    assert other.get("/admin/").status_code == 302


def test_with_https_cookies_go_over_nothing_else(anna, https):
    form = {"username": "operator", "password": PASSWORD, "next": "/admin/"}
    answer = Browser().post("/admin/login/", form, **https)
    assert answer.cookies["sessionid"]["secure"]
    assert answer["Strict-Transport-Security"] == f"max-age={30 * 24 * 60 * 60}"


def test_without_https_one_is_led_there_and_probes_are_answered(https):
    assert Browser().get("/admin/login/?a=b")["Location"] == "https://testserver/admin/login/?a=b"
    assert Browser().get("/livez").status_code == 200
