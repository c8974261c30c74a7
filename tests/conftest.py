"""What every suite may use."""

import io
import json
import logging
import time

import pytest
from django.core.management.color import no_style
from django.db import connection
from django.test import TransactionTestCase, override_settings
from hypothesis import HealthCheck, settings

#: No test judges time, which is the machine's.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
#: A test that begins with empty tables has them emptied by a statement that the ledger refuses.
LET_EMPTY = """
ALTER TABLE soroka_consent DISABLE TRIGGER keep_all;
ALTER TABLE soroka_consentseal DISABLE TRIGGER keep_all;
ALTER TABLE soroka_change DISABLE TRIGGER keep_all;
"""
#: What migrating leaves in the database, the same for every test: making it anew takes as long as most tests.
KEPT = {"django_content_type", "auth_permission"}
#: For what no test is about and nearly every one would pay for.
QUICK = {
    # The first request of every test's browser would look at all static files, where it may look for the one asked for.
    "WHITENOISE_AUTOREFRESH": True,
    # Hashing a password costs a quarter of a second on purpose.
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The database of the tests, whose ledger of consents may be emptied as a whole."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(LET_EMPTY)
        tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - KEPT
    statements = connection.ops.sql_flush(no_style(), tables)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: connection.ops.execute_sql_flush(statements))
        yield


@pytest.fixture(scope="session", autouse=True)
def quick():
    """The settings of the installation, but for those that only cost time."""
    with override_settings(**QUICK):
        yield


@pytest.fixture
def logged():
    """``logged()``: the lines of the log since the test began, as JSON has them."""
    from soroka.config.logs import formatter

    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter("json"))
    # Not of the root, whose handlers a Celery worker takes away.
    loggers = [logging.getLogger(name) for name in ("soroka", "django")]
    for logger in loggers:
        logger.addHandler(handler)
    yield lambda event=None: [
        line for line in map(json.loads, stream.getvalue().splitlines()) if event in (None, line["event"])
    ]
    for logger in loggers:
        logger.removeHandler(handler)


@pytest.fixture(scope="session")
def eventually():
    """``eventually(condition, within=5)``: wait until it is true, and return what it returned. Fails when it is not."""

    def wait(condition, within=5.0, every=0.02):
        deadline = time.monotonic() + within
        while not (seen := condition()):
            if time.monotonic() > deadline:
                pytest.fail(
                    f"still not so after {within} s: {getattr(condition, '__name__', condition)}, last {seen!r}"
                )
            time.sleep(every)
        return seen

    return wait
