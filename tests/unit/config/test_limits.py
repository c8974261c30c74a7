"""Settings that contradict each other do not start, and the first word of the error is their name."""

import os
import subprocess
import sys

import pytest

MAIL = {
    "REPORT_TO": "anna@example.org, boris@example.org",
    "EMAIL_URL": "smtp+tls://user:p%40ss@host",
    "DEFAULT_FROM_EMAIL": "Сорока <soroka@example.org>",
}


def started(**env: str) -> str:
    """What is said when the settings are read; empty where nothing is wrong."""
    needed = {"SECRET_KEY": "none", "DATABASE_URL": "postgres://none", "REDIS_URL": "redis://none"}
    done = subprocess.run(
        [sys.executable, "-c", "import soroka.config.settings"], env={**os.environ, **needed, **env},
        capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    return done.stderr.strip().splitlines()[-1] if done.returncode else ""


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"SEND_CAP": "3/7", "RETENTION_DAYS": "7"}, ""),
        ({"SEND_CAP": "3/7", "RETENTION_DAYS": "0"}, ""),
        ({"SEND_CAP": "3/7", "RETENTION_DAYS": "6"}, "RETENTION_DAYS must be at least the 7 days of SEND_CAP"),
        ({"RETENTION_DAYS": "-1"}, "RETENTION_DAYS is a number of days"),
        ({"SEND_CAP": "three"}, "SEND_CAP: 'three' is no cap"),
        ({"CONFIRM_ABOVE": "0"}, ""),
        ({"CONFIRM_ABOVE": "-1"}, "CONFIRM_ABOVE is a number of clients"),
        ({"REQUIRE_TOTP": "admin"}, ""),
        ({"REQUIRE_TOTP": "admins"}, "REQUIRE_TOTP must be none, admin or all"),
        (MAIL, ""),
        (MAIL | {"REPORT_TO": "anna@example.org,anna"}, "REPORT_TO: 'anna' is no e-mail address"),
        (MAIL | {"REPORT_TO": ",".join(f"a{n}@b.org" for n in range(21))}, "REPORT_TO may have 20 addresses"),
        (MAIL | {"REPORT_HOUR": "24"}, "REPORT_HOUR must be an hour from 0 to 23"),
        (MAIL | {"REPORT_LANGUAGE": "de"}, "REPORT_LANGUAGE must be ru or en"),
        (MAIL | {"EMAIL_URL": "smtps://secret@host"}, "EMAIL_URL must be an address such as smtp+tls://"),
        (MAIL | {"EMAIL_URL": "smtp://host:many"}, "EMAIL_URL must be an address such as smtp+tls://"),
        (MAIL | {"EMAIL_URL": ""}, "EMAIL_URL must be set where REPORT_TO is"),
        (MAIL | {"DEFAULT_FROM_EMAIL": ""}, "DEFAULT_FROM_EMAIL must be set where REPORT_TO is"),
        (MAIL | {"DEFAULT_FROM_EMAIL": "Soroka"}, "DEFAULT_FROM_EMAIL: 'Soroka' is no e-mail address"),
        ({"GATEWAY_KEYS": f"{'new' * 11},{'old' * 11}"}, ""),
        ({"GATEWAY_KEYS": f"{'new' * 11},secret"}, "GATEWAY_KEYS: each key must have 32 characters"),
        ({"SEND_WINDOW": "9-21"}, "SEND_WINDOW: It is written like 09:00-21:00"),
        ({"SEND_WINDOW": "09:00-21:00", "HOLIDAYS": "1 May"}, "HOLIDAYS: Dates are written like 2027-01-01"),
    ],
)
def test_settings_that_make_no_sense_are_named(env: dict[str, str], said: str) -> None:
    found = started(**env)
    assert said in found and bool(said) == bool(found)
    assert "secret" not in found
