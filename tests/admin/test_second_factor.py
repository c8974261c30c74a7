"""The second factor on the desk: set up, asked for at the login, renewed, switched off, reset, required."""

import io
import re
from base64 import b32decode
from html import unescape
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from axes.models import AccessAttempt
from django.conf import settings as django_settings
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client as Browser
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken

from soroka.access.proof import vouch
from soroka.access.second_factor import accepts, factor_of, recovery_codes_left
from soroka.domain.guessing import LIMIT
from soroka.models import Change, Totp
from tests.admin.conftest import PASSWORD
from tests.second_factor import later, set_up, shown_by, wrong

PAGE = "/admin/second-factor/"


@pytest.fixture
def make(db):
    def of(name, role="operator"):
        user = User.objects.create_user(name, password=PASSWORD, is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        return user

    return of


@pytest.fixture
def anna(make):
    return make("anna")


def log_in(name="anna", code="", password=PASSWORD, browser=None, to="/admin/"):
    browser = browser or Browser(headers={"accept-language": "en"})
    form = {"username": name, "password": password, "code": code, "next": to}
    return browser, browser.post("/admin/login/", form)


def is_in(browser):
    return browser.get("/tags", headers={"accept": "application/json"}).status_code == 200


def tokens(name, code=""):
    answers = {"username": name, "password": PASSWORD, "code": code}
    return Browser().post("/auth/token", answers, content_type="application/json").json()["refresh"]


def refreshed(token):
    return Browser().post("/auth/token/refresh", {"refresh": token}, content_type="application/json")


def base32(page):
    """The secret that a page shows, and what its link says to the app."""
    [link] = re.findall(r'href="(otpauth:[^"]+)"', page)
    told = urlsplit(unescape(link))
    [secret] = parse_qs(told.query)["secret"]
    assert secret in page.replace(" ", "")
    return secret, unquote(told.path)


class TestSettingUp:
    @pytest.fixture
    def desk(self, anna):
        return log_in()[0]

    @pytest.fixture
    def begun(self, desk):
        return desk.post(PAGE, {"act": "begin"}).content.decode()

    def confirm(self, desk, **answers):
        app = Totp.objects.get()
        return desk.post(PAGE, {"act": "confirm", "app": app.pk, "password": PASSWORD, "code": shown_by(app)} | answers)

    def test_the_secret_is_shown_as_a_picture_of_our_own_and_as_letters(self, desk, begun):
        secret, label = base32(begun)
        assert label == "/Soroka:anna"
        assert f"{TOTP(b32decode(secret)).token():06}" == shown_by(Totp.objects.get())
        [picture] = re.findall(r'<img class="desk-picture" src="([^"]+)" alt="[^"]+"', begun)
        assert picture.startswith("data:image/svg+xml")
        answer = desk.post(PAGE, {"act": "begin"})
        assert "no-store" in answer["Cache-Control"]
        assert "img-src 'self' data:" in answer["Content-Security-Policy"]

    def test_nobody_who_has_the_database_alone_can_make_codes_of_it(self, begun):
        app = Totp.objects.get()
        assert bytes.fromhex(app.key) != app.bin_key
        assert f"{TOTP(bytes.fromhex(app.key)).token():06}" != shown_by(app)

    def test_it_counts_once_a_code_has_confirmed_it(self, anna, desk, begun):
        assert factor_of(anna) is None
        assert log_in()[1].status_code == 302
        done = self.confirm(desk)
        codes = re.findall(r"[a-z2-7]{4}(?:-[a-z2-7]{4}){3}", done.content.decode())
        assert len(set(codes)) == 10 and "no-store" in done["Cache-Control"]
        assert factor_of(anna)
        assert not set(codes) & set(re.findall(r"[\w-]+", desk.get(PAGE).content.decode()))
        kept = " ".join(StaticToken.objects.values_list("token", flat=True))
        assert not any(code in kept or code.replace("-", "") in kept for code in codes)

    @pytest.mark.parametrize(("field", "said"), [("password", "password or the code is wrong"), ("code", "another")])
    def test_it_takes_the_password_and_a_right_code(self, anna, desk, begun, field, said):
        app = Totp.objects.get()
        answer = self.confirm(desk, **{field: wrong(app)})
        page = answer.content.decode()
        assert said in page and base32(page) == base32(begun)
        assert factor_of(anna) is None
        assert b"are shown" in self.confirm(desk, code=shown_by(app, 1)).content or field == "code"

    def test_what_is_left_empty_is_named(self, desk, begun):
        form = self.confirm(desk, password="", code="").context["form"]
        assert set(form.errors) == {"password", "code"}

    def test_nobody_confirms_what_another_session_has_begun_meanwhile(self, anna, desk, begun):
        old = Totp.objects.get()
        log_in()[0].post(PAGE, {"act": "begin"})
        self.confirm(desk, app=old.pk, code=shown_by(old))
        assert factor_of(anna) is None

    def test_it_ends_other_sessions_and_not_this_one(self, desk, begun):
        other, _ = log_in()
        assert is_in(other)
        self.confirm(desk)
        assert is_in(desk) and not is_in(other)

    def test_there_is_one(self, anna, desk, begun):
        self.confirm(desk)
        app = factor_of(anna)
        desk.post(PAGE, {"act": "begin"})
        later()
        self.confirm(desk)
        assert Totp.objects.get() == app

    def test_the_trail_has_it_and_no_secret(self, desk, begun):
        self.confirm(desk)
        entry = Change.objects.first()
        assert (entry.actor, entry.kind, entry.name) == ("anna", "user", "anna")
        assert (entry.before, entry.after) == ({"second_factor": False}, {"second_factor": True})

    def test_who_has_no_password_is_told_that_he_needs_none(self, anna, enter):
        desk = enter("viewer", "en")
        User.objects.get(username="viewer").set_unusable_password()
        User.objects.filter(username="viewer").update(password="!")
        desk.force_login(User.objects.get(username="viewer"))
        assert "up to the provider" in desk.get(PAGE).content.decode()
        desk.post(PAGE, {"act": "begin"})
        assert not Totp.objects.exists()


class TestLoggingIn:
    @pytest.fixture
    def app(self, anna):
        return set_up(anna)[0]

    def test_it_takes_a_code_as_well(self, app):
        assert log_in()[1].status_code == 200
        browser, answer = log_in(code=shown_by(app))
        assert answer.status_code == 302 and is_in(browser)

    def test_nobody_learns_whether_the_password_was_right(self, app):
        answers = [log_in(code=code, password=password)[1] for code in ("", wrong(app)) for password in (PASSWORD, "x")]
        answers += [log_in("nobody", code=wrong(app))[1]]
        assert len({str(answer.context["form"].errors) for answer in answers}) == 1
        long = [log_in(code="1" * 99, password=password)[1] for password in (PASSWORD, "x")]
        assert len({str(answer.context["form"].errors) for answer in long}) == 1

    def test_a_code_is_good_for_once(self, app):
        code = shown_by(app)
        assert log_in(code=code)[1].status_code == 302
        assert log_in(code=code)[1].status_code == 200
        assert log_in(code=shown_by(app, -1))[1].status_code == 200, "an older one is none either"

    @pytest.mark.parametrize("ahead", [-2, 2])
    def test_one_of_another_time_is_none(self, app, ahead):
        assert log_in(code=shown_by(app, ahead))[1].status_code == 200

    def test_spaces_do_not_matter(self, app):
        code = shown_by(app)
        assert log_in(code=f" {code[:3]} {code[3:]} ")[1].status_code == 302

    def test_what_is_no_code_is_none(self, anna, app):
        for code in ("١٢٣٤٥٦", "²²²²²²", "\ud800", "-", "", "1e5", "9" * 31):
            Totp.objects.update(throttling_failure_timestamp=None)
            assert not accepts(anna, code)
        assert log_in(code="a\x00b")[1].status_code == 200

    def test_wrong_codes_lock_out_as_wrong_passwords_do(self, app):
        answers = [log_in(code=wrong(app))[1].status_code for _ in range(LIMIT)]
        assert answers == [200] * (LIMIT - 1) + [429]
        assert log_in(code=shown_by(app))[1].status_code == 429

    def test_after_a_wrong_one_the_next_is_looked_at_only_later(self, app):
        log_in(code=wrong(app))
        Totp.objects.update(throttling_failure_count=12)  # half an hour, which no slow machine waits for
        assert log_in(code=shown_by(app))[1].status_code == 200
        Totp.objects.update(throttling_failure_timestamp=None)
        assert log_in(code=shown_by(app))[1].status_code == 302

    def test_a_stranger_cannot_have_codes_refused(self, app):
        log_in(code=wrong(app), password="x")
        assert log_in(code=shown_by(app))[1].status_code == 302

    def test_no_code_is_kept(self, app):
        log_in(code=wrong(app))
        assert "code=***" in str(AccessAttempt.objects.values_list())
        assert f"code={wrong(app)}" not in str(AccessAttempt.objects.values_list())

    def test_whoever_looks_at_passwords_asks_for_the_code(self, app):
        request = RequestFactory().post("/")
        assert authenticate(request, username="anna", password=PASSWORD) is None
        assert authenticate(request, username="anna", password=PASSWORD, code=shown_by(app)).username == "anna"

    def test_it_does_not_come_in_where_the_key_of_the_installation_is_another(self, app, settings, logged):
        settings.SUPPRESSION_KEYS = ["another one"]
        assert log_in(code="123456")[1].status_code == 200
        assert logged("the key of a second factor is gone")

    def test_who_has_none_needs_none(self, make):
        make("boris")
        assert log_in("boris")[1].status_code == 302
        assert log_in("boris", code="123456")[1].status_code == 302


class TestRecoveryCodes:
    def test_each_lets_in_once_and_the_page_and_the_trail_say_so(self, anna):
        _, codes = set_up(anna)
        browser, answer = log_in(code=codes[0].upper())
        assert answer.status_code == 302
        assert "9 recovery codes are left" in browser.get(PAGE).content.decode()
        used = Change.objects.filter(name="anna", address="127.0.0.1", action="changed").get()
        assert (used.before, used.after) == ({"recovery_codes": 10}, {"recovery_codes": 9})
        assert log_in(code=codes[0])[1].status_code == 200
        StaticToken.objects.first().device.throttle_reset()
        assert log_in(code=codes[1].replace("-", ""))[1].status_code == 302

    def test_those_of_another_are_none(self, anna, make):
        set_up(anna)
        _, others = set_up(make("boris"))
        assert not accepts(anna, others[0])

    def test_new_ones_take_their_place(self, anna):
        app, old = set_up(anna)
        desk, _ = log_in(code=shown_by(app))
        later()
        page = desk.post(PAGE, {"act": "renew", "password": PASSWORD, "code": shown_by(app)}).content.decode()
        new = re.findall(r"[a-z2-7]{4}(?:-[a-z2-7]{4}){3}", page)
        assert len(new) == 10 and not set(new) & set(old)
        assert log_in(code=old[0])[1].status_code == 200
        StaticToken.objects.first().device.throttle_reset()
        assert log_in(code=new[0])[1].status_code == 302

    @pytest.mark.parametrize("act", ["renew", "remove"])
    @pytest.mark.parametrize("field", ["password", "code"])
    def test_whoever_sits_before_an_open_session_can_do_nothing(self, anna, act, field):
        app, _ = set_up(anna)
        desk, _ = log_in(code=shown_by(app))
        later()
        answers = {"password": PASSWORD, "code": shown_by(app)} | {field: wrong(app)}
        before = set(StaticToken.objects.values_list("token", flat=True))
        assert b"is wrong" in desk.post(PAGE, {"act": act, **answers}).content
        assert factor_of(anna) and before == set(StaticToken.objects.values_list("token", flat=True))

    def test_nor_can_he_guess(self, anna):
        app, _ = set_up(anna)
        desk, _ = log_in(code=shown_by(app))
        for _ in range(LIMIT):
            answer = desk.post(PAGE, {"act": "renew", "password": PASSWORD, "code": wrong(app)})
        assert answer.status_code == 429 and b"Too many" in answer.content


class TestNewPassword:
    ADDRESS, NEW = "/admin/password_change/", "tailfeather-8"

    def change(self, desk, old=PASSWORD, **more):
        new = {"new_password1": self.NEW, "new_password2": self.NEW}
        return desk.post(self.ADDRESS, {"old_password": old, **new, **more})

    def test_it_takes_the_old_one_and_ends_other_sessions(self, anna):
        (desk, _), (other, _) = log_in(), log_in()
        assert 'name="code"' not in desk.get(self.ADDRESS).content.decode()
        assert b"old password was entered incorrectly" in self.change(desk, "x").content
        assert self.change(desk).status_code == 302
        assert is_in(desk) and not is_in(other)
        assert log_in(password=self.NEW)[1].status_code == 302
        [entry] = Change.objects.filter(name="anna", action="changed")
        assert (entry.actor, entry.before, entry.after) == ("anna", {}, {"password": "…"})

    def test_whoever_sits_before_an_open_session_cannot_guess(self, anna):
        desk, _ = log_in()
        for _ in range(LIMIT):
            answer = self.change(desk, "x")
        assert answer.status_code == 429 and b"Too many" in answer.content
        assert self.change(desk).status_code == 429
        assert User.objects.get(username="anna").check_password(PASSWORD)

    def test_nothing_that_was_typed_is_kept(self, anna):
        self.change(log_in()[0], "a very wrong password")
        kept = str(AccessAttempt.objects.values_list())
        assert "old_password=***" in kept and "very wrong" not in kept and self.NEW not in kept

    def test_it_takes_the_code_of_one_who_has_a_second_factor(self, anna):
        app, codes = set_up(anna)
        desk, _ = log_in(code=codes[0])
        for answers in ({}, {"code": ""}, {"code": wrong(app)}):
            assert self.change(desk, **answers).status_code == 200
        Totp.objects.update(throttling_failure_timestamp=None)
        assert self.change(desk, code=shown_by(app)).status_code == 302
        assert is_in(desk)
        assert log_in(code=codes[1], password=self.NEW)[1].status_code == 302

    def test_a_code_is_not_used_up_where_the_new_one_is_none(self, anna):
        app, codes = set_up(anna)
        desk, _ = log_in(code=codes[0])
        code = shown_by(app)
        assert b"too short" in self.change(desk, code=code, new_password1="x", new_password2="x").content
        assert self.change(desk, code=code).status_code == 302


class TestSwitchingOff:
    def test_it_takes_password_and_code_and_ends_other_sessions(self, anna):
        app, codes = set_up(anna)
        other, _ = log_in(code=shown_by(app))
        desk, _ = log_in(code=codes[0])
        later()
        answer = desk.post(PAGE, {"act": "remove", "password": PASSWORD, "code": shown_by(app)})
        assert answer.status_code == 302 and not factor_of(anna) and not recovery_codes_left(anna)
        assert is_in(desk) and not is_in(other)
        assert log_in()[1].status_code == 302
        assert Change.objects.filter(after={"second_factor": False}).exists()

    def test_an_administrator_resets_that_of_another(self, anna, admin_by_password):
        admin = admin_by_password
        set_up(anna)
        page = f"/admin/auth/user/{anna.pk}/reset-second-factor/"
        assert "make sure who asks" in admin.get(page).content.decode() and factor_of(anna)
        admin.post(page, {"password": PASSWORD})
        assert not factor_of(anna) and log_in()[1].status_code == 302
        entry = Change.objects.filter(kind="user", action="changed").first()
        assert (entry.actor, entry.name, entry.after) == ("admin", "anna", {"second_factor": False})
        history = admin.get(f"/admin/auth/user/{anna.pk}/history/").content.decode()
        assert "second factor: yes → no" in history

    @pytest.mark.parametrize("by", ["an administrator", "a command"])
    def test_a_reset_ends_his_sessions_and_refresh_tokens_and_nobody_elses(self, anna, make, admin_by_password, by):
        admin = admin_by_password
        app, codes = set_up(anna)
        browsers = [log_in(code=code)[0] for code in (shown_by(app), codes[0])]
        make("boris")
        others, _ = log_in("boris")
        his, theirs = tokens("anna", codes[1]), tokens("boris")
        assert all(map(is_in, [*browsers, others]))
        if by == "a command":
            call_command("reset_second_factor", "anna", stdout=io.StringIO())
        else:
            admin.post(f"/admin/auth/user/{anna.pk}/reset-second-factor/", {"password": PASSWORD})
        assert not any(map(is_in, browsers)) and refreshed(his).status_code == 401
        assert is_in(others) and is_in(admin) and refreshed(theirs).status_code == 200
        assert is_in(log_in()[0]) and refreshed(tokens("anna")).status_code == 200

    def test_he_does_not_reset_his_own(self, admin):
        user = User.objects.get(username="admin")
        set_up(user)
        assert admin.post(f"/admin/auth/user/{user.pk}/reset-second-factor/").status_code == 403
        assert factor_of(user)
        assert "Reset the second factor" not in admin.get(f"/admin/auth/user/{user.pk}/change/").content.decode()

    def test_an_operator_resets_nobodys(self, anna, enter):
        set_up(anna)
        assert enter("operator").post(f"/admin/auth/user/{anna.pk}/reset-second-factor/").status_code == 403
        assert factor_of(anna)

    def test_a_command_does_it_for_the_last_administrator(self, anna):
        set_up(anna)
        said = io.StringIO()
        call_command("reset_second_factor", "anna", stdout=said)
        assert "anna" in said.getvalue() and not factor_of(anna)
        assert Change.objects.first().actor_kind == "command"
        for name in ("anna", "nobody"):
            with pytest.raises(CommandError, match=name):
                call_command("reset_second_factor", name)

    def test_a_user_who_is_removed_takes_it_along(self, anna, admin):
        set_up(anna)
        page = admin.get(f"/admin/auth/user/{anna.pk}/delete/").content.decode()
        assert "anna" in page and "TOTP" not in page and "Static" not in page
        admin.post(f"/admin/auth/user/{anna.pk}/delete/", {"post": "yes"})
        assert not User.objects.filter(username="anna").exists() and not StaticToken.objects.exists()


class TestWhereItIsRequired:
    @pytest.fixture
    def required(self, settings):
        settings.REQUIRE_TOTP = "admin"

    def test_an_administrator_who_has_none_can_do_nothing_but_set_it_up(self, make, required):
        vera = make("vera", "admin")
        desk, _ = log_in("vera")
        for page in ("/admin/", "/admin/soroka/client/", "/admin/auth/user/add/", "/admin/password_change/"):
            assert desk.get(page)["Location"] == PAGE
        refused = desk.get("/tags", headers={"accept": "application/json"})
        assert refused.status_code == 403 and refused.json()["type"].endswith("second_factor_missing")
        assert "nothing else is open to you" in desk.get(PAGE).content.decode()

        desk.post(PAGE, {"act": "begin"})
        app = Totp.objects.get(user=vera)
        desk.post(PAGE, {"act": "confirm", "app": app.pk, "password": PASSWORD, "code": shown_by(app)})
        assert desk.get("/admin/").status_code == 200 and desk.get("/tags").status_code == 200
        assert "nothing else" not in desk.get(PAGE).content.decode()
        assert log_in("vera", code=shown_by(app, 1))[0].get("/admin/").status_code == 200

    def test_a_part_of_a_page_has_the_page_fetched_anew(self, make, required):
        make("vera", "admin")
        desk, _ = log_in("vera")
        answer = desk.get("/admin/now/", headers={"HX-Request": "true"})
        assert answer.status_code == 403 and answer["HX-Refresh"] == "true"

    def test_a_superuser_is_an_administrator(self, anna, required):
        User.objects.filter(username="anna").update(is_superuser=True)
        assert log_in()[0].get("/admin/")["Location"] == PAGE

    @pytest.mark.parametrize("role", ["viewer", "operator"])
    def test_others_are_asked_only_where_all_are(self, make, settings, role):
        make("boris", role)
        for whom, status in [("none", 200), ("admin", 200), ("all", 302)]:
            settings.REQUIRE_TOTP = whom
            assert log_in("boris")[0].get("/admin/").status_code == status

    def test_who_logs_out_gets_out(self, make, required):
        make("vera", "admin")
        desk, _ = log_in("vera")
        assert desk.post("/admin/logout/").status_code == 200
        assert desk.get("/admin/")["Location"].startswith("/admin/login/")

    def test_who_switches_it_off_has_to_set_it_up_again(self, make, required):
        vera = make("vera", "admin")
        app, _ = set_up(vera)
        desk, _ = log_in("vera", code=shown_by(app))
        later()
        assert desk.get("/admin/").status_code == 200
        desk.post(PAGE, {"act": "remove", "password": PASSWORD, "code": shown_by(app)})
        assert desk.get("/admin/")["Location"] == PAGE

    @pytest.mark.parametrize("role", ["operator", "admin"])
    def test_no_page_costs_a_query_more(self, make, settings, role):
        user = make("vera", role)
        desk, _ = log_in("vera", code=shown_by(set_up(user)[0]) if role == "admin" else "")
        costs = []
        for whom in ("none", "none", "admin"):  # what the process keeps from the first one on is no part of the cost
            settings.REQUIRE_TOTP = whom
            with CaptureQueriesContext(connection) as queries:
                assert desk.get("/admin/soroka/tag/").status_code == 200
            costs.append(len(queries))
        assert costs[1] == costs[2]

    def test_what_another_provider_vouches_for_is_enough(self, make, required):
        make("vera", "admin")
        desk, _ = log_in("vera")
        session = desk.session
        vouch(session)
        session.save()
        assert desk.get("/admin/").status_code == 200


def test_none_of_the_backends_lets_a_password_alone_in():
    """Django asks all of them: one more that knows passwords would be a way around the code."""
    assert django_settings.AUTHENTICATION_BACKENDS[:2] == [
        "axes.backends.AxesStandaloneBackend", "soroka.access.proof.PasswordAndCode",
    ]  # fmt: skip
