"""Login by an identity provider, from the login page through the provider's own pages and back, in a real browser."""

import json
import re

import httpx
import pytest
from playwright.sync_api import expect

from soroka.embedded.ports import HOST
from tests.acceptance.installation import Installation
from tests.browser.accessible import faults
from tests.browser.identity_provider import IdentityProvider, install

BUTTON = {"en": "Log in with Rookery", "ru": "Войти через Rookery"}
LANGUAGES = {"ru": "ru-RU", "en": "en-US"}


@pytest.fixture(scope="module")
def served(eventually):
    """A stack to which a provider lets people in, and the provider."""
    install()
    installation = Installation()
    provider = IdentityProvider(f"http://{HOST}:{installation.port}/admin/oidc/callback/")
    installation.env |= provider.env
    try:
        provider.start()
        eventually(provider.answers, within=60)
        installation.start_ready()
        yield installation, provider
    finally:
        provider.remove()
        installation.remove()


@pytest.fixture
def stack(served):
    return served[0]


@pytest.fixture
def provider(served):
    return served[1]


@pytest.fixture
def visit(chromium, stack):
    """``visit("/admin/", language="en", width=1360)``: a page in a browser that was never here."""
    contexts = []

    def visit(address="/admin/", language="en", width=1360):
        context = chromium.new_context(
            base_url=f"http://{HOST}:{stack.port}", locale=LANGUAGES[language], viewport={"width": width, "height": 900}
        )
        context.route(re.compile(rf"^(?!http://{re.escape(HOST)}:)"), lambda route: route.abort())  # its fonts
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto(address)
        return page

    yield visit
    for context in contexts:
        context.close()


def say_who(page, login, language="en"):
    """To the provider, with any password, up to the question whether he means it."""
    page.get_by_role("button", name=BUTTON[language]).click()
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    expect(page.get_by_role("button", name="Continue")).to_be_visible()


def come_in(page, login, language="en"):
    """All the way through the provider's pages."""
    say_who(page, login, language)
    page.get_by_role("button", name="Continue").click()


def way_back(page):
    """He means it: the address to which the provider sends him, where nobody has gone yet."""
    ask = page.context.request
    answer = ask.post(page.locator("form").get_attribute("action"), form={"prompt": "consent"}, max_redirects=0)
    return ask.get(answer.headers["location"], max_redirects=0).headers["location"]


def known(stack, username):
    """What the database has of a user, and what the trail says was done to him; None: there is no such user."""
    program = f"""
import json
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from soroka.models import Change
user = User.objects.filter(username={username!r}).first()
print("FOUND " + json.dumps(user and {{
    "roles": [group.name for group in user.groups.all()], "staff": user.is_staff, "superuser": user.is_superuser,
    "name": user.get_full_name(), "email": user.email, "password": user.has_usable_password(),
    "kept": list(SocialAccount.objects.filter(user=user).values_list("provider", "uid", "extra_data")),
    "trail": [[each.action, each.channel, each.after.get("role")]
              for each in Change.objects.filter(kind="user", object_id=user.pk).order_by("id")],
}}))
"""
    [found] = re.findall(r"^FOUND (.*)$", stack.run_python(program), re.MULTILINE)
    return json.loads(found)


def test_somebody_new_comes_in_with_the_role_that_the_provider_gives_him(visit, stack, provider):
    provider.people(anna={"preferred_username": "anna.k", "given_name": "Анна", "groups": ["all", "senders", "staff"]})
    page = visit("/admin/soroka/tag/add/")
    come_in(page, "anna")
    page.wait_for_url("**/admin/soroka/tag/add/")
    anna = known(stack, "anna.k")
    assert (anna["roles"], anna["staff"], anna["superuser"]) == (["operator"], True, False)
    assert (anna["name"], anna["email"], anna["password"]) == ("Анна", "", False)
    assert anna["kept"] == [[provider.issuer, "anna", {"role": "operator"}]]
    assert anna["trail"] == [
        ["created", "admin", None], ["changed", "admin", "operator"], ["logged_in", "admin", None],
    ]  # fmt: skip
    page.context.clear_cookies()
    page.goto("/admin/")
    expect(page.get_by_role("button", name=BUTTON["en"])).to_be_visible()


def test_the_role_follows_the_provider_at_every_login(visit, stack, provider):
    for group, role in [("keepers", "admin"), ("staff", "viewer")]:
        provider.people(boris={"groups": [group]})
        page = visit()
        come_in(page, "boris")
        page.wait_for_url("**/admin/")
        assert known(stack, "boris")["roles"] == [role]
    assert page.goto("/admin/auth/user/").status == 403


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Rookery knows you, but gives you no role here."),
        ("ru", "Служба входа Rookery знает вас, но роли здесь не даёт."),
    ],
)
def test_who_has_no_role_is_told_so_and_leaves_no_trace(visit, stack, provider, language, said):
    provider.people(clara={"groups": ["all"]})
    page = visit(language=language)
    come_in(page, "clara", language)
    expect(page.get_by_text(said)).to_be_visible()
    assert page.goto("/admin/").url.endswith("/admin/login/?next=/admin/")
    assert known(stack, "clara") is None


def test_who_loses_his_role_is_out_also_where_he_was_in(visit, stack, provider):
    provider.people(dora={"groups": "senders"})
    before = visit()
    come_in(before, "dora")
    before.wait_for_url("**/admin/")
    provider.people(dora={})
    again = visit()
    come_in(again, "dora")
    expect(again.get_by_text("gives you no role here")).to_be_visible()
    dora = known(stack, "dora")
    assert (dora["roles"], dora["staff"], dora["trail"][-1]) == ([], False, ["changed", "admin", ""])
    assert before.goto("/admin/").url.endswith("/admin/login/?next=/admin/")


def test_nobody_becomes_a_local_user_by_his_name(visit, stack, provider):
    provider.people(eve={"preferred_username": "Admin", "email": "admin@example.org", "groups": ["staff"]})
    page = visit()
    come_in(page, "eve")
    page.wait_for_url("**/admin/")
    assert known(stack, "admin")["superuser"]
    assert known(stack, "Admin-2")["roles"] == ["viewer"]


def test_whom_an_administrator_has_switched_off_stays_out(visit, stack, provider):
    provider.people(fedor={"groups": ["staff"]})
    come_in(page := visit(), "fedor")
    page.wait_for_url("**/admin/")
    stack.run_python(
        "from django.contrib.auth.models import User; User.objects.filter(username='fedor').update(is_active=False)"
    )
    come_in(page := visit(), "fedor")
    expect(page.get_by_text("Your account is switched off here.")).to_be_visible()


def test_a_user_can_be_removed_when_the_login_by_the_provider_is_off_again(visit, stack, provider):
    provider.people(gleb={"groups": ["staff"]})
    come_in(page := visit(), "gleb")
    page.wait_for_url("**/admin/")
    stack.run_python(
        "from django.contrib.auth.models import User; User.objects.get(username='gleb').delete()", OIDC_ISSUER=""
    )
    assert known(stack, "gleb") is None
    come_in(page := visit(), "gleb")
    page.wait_for_url("**/admin/")


def test_a_login_that_was_not_begun_in_this_browser_is_none(visit, stack, provider):
    provider.people(hugo={"groups": ["staff"]})
    page = visit()
    say_who(page, "hugo")
    back, other = way_back(page), visit()
    for address in (back, "/admin/oidc/callback/?code=made-up&state=made-up", "/admin/oidc/callback/"):
        other.goto(address)
        expect(other.get_by_text("A login has to begin here, in this browser")).to_be_visible()
    page.goto(back.replace("state=", "state=x"))
    expect(page.get_by_text("A login has to begin here, in this browser")).to_be_visible()
    assert known(stack, "hugo") is None
    page.goto(back)
    page.wait_for_url("**/admin/")
    other.goto(back)
    expect(other.get_by_text("A login has to begin here, in this browser")).to_be_visible()


def test_a_code_that_the_provider_did_not_give_lets_nobody_in(visit, stack, provider):
    provider.people(inna={"groups": ["staff"]})
    page = visit()
    say_who(page, "inna")
    page.goto(way_back(page).replace("code=", "code=x"))
    expect(page.get_by_text("Rookery gave an answer that cannot be used.")).to_be_visible()
    assert known(stack, "inna") is None


@pytest.mark.parametrize("other", ["", "&nonce=of-another-login"])
def test_an_id_token_of_another_login_lets_nobody_in(visit, stack, provider, other):
    provider.people(lena={"groups": ["staff"]})
    page = visit()

    def ask_for_another(route):
        asked = route.request.url
        assert re.search(r"&nonce=\w{64}(&|$)", asked)
        route.continue_(url=re.sub(r"&nonce=\w+", other, asked))

    page.route(f"{provider.issuer}/auth?*", ask_for_another)
    come_in(page, "lena")
    expect(page.get_by_text("Rookery gave an answer that cannot be used.")).to_be_visible()
    assert known(stack, "lena") is None


def test_who_changes_his_mind_at_the_provider_is_told_that_he_is_not_in(visit, provider):
    provider.people(jana={"groups": ["staff"]})
    page = visit()
    say_who(page, "jana")
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_text("Rookery did not let you in.")).to_be_visible()


@pytest.mark.parametrize(
    ("how", "language", "said"),
    [("gone", "en", "Rookery does not answer."), ("frozen", "ru", "Служба входа Rookery не отвечает.")],
)
def test_a_provider_that_is_away_is_named(visit, provider, eventually, language, said, how):
    provider.people(ivan={"groups": ["staff"]})
    page = visit(language=language)
    say_who(page, "ivan", language)
    back = way_back(page)
    (provider.stop if how == "gone" else provider.freeze)()
    try:
        page.goto(back)
        expect(page.get_by_text(said)).to_be_visible()
        page.goto("/admin/login/")
        page.get_by_role("button", name=BUTTON[language]).click()
        expect(page.get_by_text(said)).to_be_visible()
    finally:
        (provider.start if how == "gone" else provider.thaw)()
        eventually(provider.answers, within=60)


def test_a_login_begins_by_a_form_of_ours_only(stack):
    with httpx.Client(base_url=f"http://{HOST}:{stack.port}") as stranger:
        assert stranger.get("/admin/oidc/login/").status_code == 405
        assert stranger.post("/admin/oidc/login/").status_code == 403


def test_it_leads_to_no_other_site_and_speaks_of_no_password_here(visit, provider):
    provider.people(kira={"groups": ["staff"]})
    page = visit()
    page.locator(".desk-provider [name=next]").evaluate("field => field.value = 'https://elsewhere.example.org/'")
    come_in(page, "kira")
    page.wait_for_url("**/admin/")
    assert page.locator("a[href='/admin/password_change/'], a[href='/admin/second-factor/']").count() == 0


def test_a_second_factor_is_asked_of_passwords_and_nothing_of_the_library_is_on_the_desk(visit, stack, provider):
    page = visit()
    page.fill("#id_username", "admin")
    page.fill("#id_password", json.loads((stack.home / "secrets.json").read_text())["admin_password"])
    page.click("#login-form button[type=submit]")
    page.wait_for_url("**/admin/second-factor/")
    assert page.locator("a[href='/admin/password_change/']").count() == 1
    provider.people(vera={"groups": ["keepers"]})
    come_in(page := visit(), "vera")
    page.wait_for_url("**/admin/")
    assert page.locator("a[href*=socialaccount], a[href*='/account/']").count() == 0
    assert page.goto("/admin/socialaccount/socialaccount/").status == 404


@pytest.mark.parametrize(("language", "width"), [("ru", 390), ("en", 1360)])
def test_its_pages_are_for_everybody(visit, stack, provider, language, width):
    page = visit("/admin/oidc/callback/", language, width)
    expect(page.get_by_role("button", name=BUTTON[language])).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert faults(page) == []
    page.route(f"{provider.issuer}/**", lambda route: route.fulfill(status=204))  # stay on the page that leads there
    page.get_by_role("button", name=BUTTON[language]).click()
    expect(page.get_by_role("link", name=BUTTON[language])).to_be_visible()
    assert faults(page) == []
