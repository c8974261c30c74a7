"""``manage.py prepare``: the first data of an installation."""

import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from rest_framework.test import APIClient

from soroka.models import Gateway


@pytest.fixture
def empty_database() -> Iterator[str]:
    """The address of a database without a table."""
    server = os.environ["DATABASE_URL"]
    name = f"prepare_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_prepare_makes_roles_administrator_and_gateway_and_may_be_repeated(settings, capsys):
    for _ in range(2):
        call_command("prepare", verbosity=0)
    assert set(Group.objects.values_list("name", flat=True)) == {"viewer", "operator", "admin"}
    assert Gateway.objects.get().kind == "http_jwt"
    admin = User.objects.get(username="admin")
    assert admin.is_superuser
    assert admin.check_password(settings.ADMIN_PASSWORD)
    assert capsys.readouterr().out == ""
    api = APIClient()
    api.force_authenticate(admin)
    assert api.post("/tags", {"name": "vip"}, format="json").status_code == 201


def test_prepare_tells_a_generated_password_once(settings, capsys):
    settings.ADMIN_PASSWORD = ""
    call_command("prepare", verbosity=0)
    told = capsys.readouterr().out
    assert User.objects.get(username="admin").check_password(told.split(" is ")[1].split(":")[0])
    call_command("prepare", verbosity=0)
    assert capsys.readouterr().out == ""


def test_prepare_follows_the_environment_for_the_default_gateway(settings):
    for idempotent in (True, False):
        settings.GATEWAY_IDEMPOTENT = idempotent
        call_command("prepare", verbosity=0)
        assert Gateway.objects.get().idempotent is idempotent


def test_two_may_prepare_an_empty_database_at_once(empty_database):
    command = [sys.executable, "-m", "django", "prepare", "--verbosity=0", "--settings=soroka.config.settings"]
    environment = os.environ | {"DATABASE_URL": empty_database}
    both = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for process in both:
        _, complaints = process.communicate(timeout=60)
        assert process.returncode == 0, complaints
    with psycopg.connect(empty_database) as connection:
        counted = connection.execute(
            "SELECT (SELECT count(*) FROM auth_user), (SELECT count(*) FROM auth_group),"
            " (SELECT count(*) FROM soroka_gateway)"
        )
        assert counted.fetchone() == (1, 3, 1)
