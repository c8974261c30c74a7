"""Login by an identity provider: off unless OIDC_ISSUER is set, and then complete or not started."""

import json

import pytest

from tests.unit.config.observer import run

PROVIDER = {
    "OIDC_ISSUER": "https://id.example.org/realms/main", "OIDC_CLIENT_ID": "soroka",
    "OIDC_CLIENT_SECRET": "hush-hush", "OIDC_ROLES": "soroka-admins:admin",
}  # fmt: skip
ADDRESSES = """
import django, json, sys
django.setup()
from django.urls import get_resolver
from django.urls.resolvers import URLResolver

def routes(patterns, before=""):
    for pattern in patterns:
        route = before + str(pattern.pattern)
        yield from routes(pattern.url_patterns, route) if isinstance(pattern, URLResolver) else [route]

found = sorted(routes(get_resolver().url_patterns))
print(json.dumps({"routes": found, "allauth": "allauth" in sys.modules}))
"""


def found(**env):
    done = run(ADDRESSES, **env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_adds_two_addresses_and_nothing_where_it_is_off():
    off, on = found(), found(**PROVIDER)
    assert not off["allauth"] and on["allauth"]
    assert set(on["routes"]) - set(off["routes"]) == {"admin/oidc/login/", "admin/oidc/callback/"}
    assert set(off["routes"]) <= set(on["routes"])


def test_the_checks_of_django_and_of_the_library_find_nothing_wrong():
    code = """
from django.core.management import call_command
import django; django.setup()
call_command("check", fail_level="WARNING")
call_command("makemigrations", check=True, dry_run=True, verbosity=0)
"""
    done = run(code, **PROVIDER | {"DATABASE_URL": "django.db.backends.dummy://none"})
    assert done.returncode == 0, done.stderr


def test_without_its_package_the_start_is_refused_and_says_what_to_install():
    done = run("import sys; sys.modules['allauth'] = None; import django; django.setup()", **PROVIDER)
    assert done.returncode != 0
    assert "OIDC_ISSUER is set and allauth is not installed: pip install 'soroka[oidc]'" in done.stderr


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"OIDC_CLIENT_ID": ""}, "OIDC_CLIENT_ID must be set where OIDC_ISSUER is"),
        ({"OIDC_CLIENT_SECRET": ""}, "OIDC_CLIENT_SECRET must be set where OIDC_ISSUER is"),
        ({"OIDC_ROLES": ""}, "OIDC_ROLES must be set where OIDC_ISSUER is"),
        ({"OIDC_ROLES": "soroka-admins:root"}, "OIDC_ROLES: 'soroka-admins:root' is not written like"),
        ({"OIDC_ISSUER": "id.example.org"}, "OIDC_ISSUER must be an address such as https://"),
        ({"OIDC_ISSUER": "http://id.example.org"}, "OIDC_ISSUER must be an address such as https://"),
        ({"OIDC_ISSUER": "https://[id"}, "OIDC_ISSUER must be an address such as https://"),
        ({"OIDC_ISSUER": "https://id.example.org?a=b"}, "OIDC_ISSUER must be an address such as https://"),
        ({"OIDC_ISSUER": f"https://id.example.org/{'a' * 200}"}, "OIDC_ISSUER must be an address such as https://"),
    ],
)
def test_what_is_missing_or_wrong_is_named(env, said):
    done = run("import soroka.config.settings", **PROVIDER | env)
    assert done.returncode != 0
    assert said in done.stderr.splitlines()[-1]
    assert "hush-hush" not in done.stderr


def test_it_is_called_by_its_host_where_it_has_no_name():
    says = "from soroka.config.settings import OIDC_NAME, OIDC_ROLES_CLAIM; print(OIDC_NAME, OIDC_ROLES_CLAIM)"
    assert run(says, **PROVIDER).stdout == "id.example.org groups\n"
    assert run(says, **PROVIDER, OIDC_NAME="Rookery", OIDC_ROLES_CLAIM="roles").stdout == "Rookery roles\n"


def test_the_secret_may_be_in_a_file(tmp_path):
    (tmp_path / "secret").write_text("of a file\n")
    env = PROVIDER | {"OIDC_CLIENT_SECRET_FILE": str(tmp_path / "secret")}
    del env["OIDC_CLIENT_SECRET"]
    says = "from soroka.config.settings import *; print(SOCIALACCOUNT_PROVIDERS['openid_connect']['APPS'][0]['secret'])"
    assert run(says, **env).stdout == "of a file\n"
