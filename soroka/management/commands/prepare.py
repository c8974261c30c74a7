"""``manage.py prepare``: what an installation needs before its first request."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.models import Q
from psycopg import sql

from soroka.access.own_key import require_own_key
from soroka.domain.role import Role
from soroka.models import ConsentSeal, Gateway, Suppression
from soroka.models.change import Deed
from soroka.models.derived_keys import key_name, keys_of
from soroka.models.locks import PREPARE, one_after_another
from soroka.models.trail import SERVICE, acting, note

LOCK_TIMEOUT = 120
#: No wait without an end: for a lock, for a connection that a frozen process left open, for a host that lost its power.
#: The role keeps them, because PgBouncer refuses them from a connection, and may give its session to another.
WAITS = {
    "lock_timeout": "60s",
    "idle_in_transaction_session_timeout": "120s",
    "tcp_keepalives_idle": "30s",
    "tcp_keepalives_interval": "10s",
    "tcp_keepalives_count": "3",
}
_READS = Q(content_type__app_label="soroka", codename__startswith="view_") & ~Q(
    codename__in=["view_apikey", "view_change", "view_reportmail"]
)
_WRITES = Q(
    content_type__app_label="soroka",
    codename__in=[
        "add_tag", "change_tag", "delete_tag", "add_client", "change_client", "delete_client", "add_clientimport",
        "add_segment", "change_segment", "delete_segment",
        "add_mailing", "change_mailing",
    ],
)  # fmt: skip
#: What each role may do in the admin's pages; the API asks for the role alone.
PERMISSIONS = {
    Role.VIEWER: _READS,
    Role.OPERATOR: _READS | _WRITES,
    Role.ADMIN: Q(content_type__app_label__in=["soroka", "auth"]),
}


class Command(BaseCommand):
    """Migrate, and make the roles, the first administrator and the gateway ``default``, where they do not exist.

    May be run at every start and by several at once: one works, the others wait for it.
    """

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises OperationalError where another run holds the lock for longer than ``LOCK_TIMEOUT`` seconds.

        Raises SystemExit where anybody could guess SECRET_KEY.
        """
        require_own_key(settings.SECRET_KEY, debug=settings.DEBUG)
        with one_after_another(PREPARE, wait=LOCK_TIMEOUT):
            limit_waits()
            call_command("migrate", interactive=False, verbosity=options["verbosity"])
            check_keys()
            make_roles()
            self._make_admin()
            with acting(lambda: SERVICE):
                make_default_gateway()

    def _make_admin(self) -> None:
        if User.objects.filter(username="admin").exists():
            return
        password = settings.ADMIN_PASSWORD or secrets.token_urlsafe(12)
        User.objects.create_superuser("admin", password=password)
        if not settings.ADMIN_PASSWORD:
            self.stdout.write(f"The password of the user admin is {password}: it is shown this once.")


def make_default_gateway() -> None:
    """The gateway ``default`` as the environment says it is, with an entry in the trail where that is new."""
    says = {"idempotent": settings.GATEWAY_IDEMPOTENT}
    gateway, is_new = Gateway.objects.get_or_create(name="default", defaults=says)
    before = {name: getattr(gateway, name) for name in says}
    if is_new:
        note(Deed.CREATED, gateway, after=says)
    elif before != says:
        Gateway.objects.filter(pk=gateway.pk).update(**says)
        note(Deed.CHANGED, gateway, before=before, after=says)


def check_keys() -> None:
    """Raises CommandError where phones were suppressed with a key that is gone: they would be written to again."""
    phones, seals = ([key_name(key) for key in keys_of(purpose)] for purpose in ("phone", "seal"))
    if Suppression.objects.exclude(key__in=phones).exists() or ConsentSeal.objects.exclude(key__in=seals).exists():
        raise CommandError(
            "SUPPRESSION_KEY (or SECRET_KEY, where that is not set) is not the one that the suppression list was made "
            "with. Write the old one after the new one: SUPPRESSION_KEY=new,old."
        )


def limit_waits() -> None:
    """Give this user ``WAITS`` in this database, for every connection that is opened from now on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")  # PgBouncer may know it by another name
        database = sql.Identifier(cursor.fetchone()[0])
        for name, limit in WAITS.items():
            setting = sql.SQL("ALTER ROLE CURRENT_USER IN DATABASE {} SET {} = {}")
            cursor.execute(setting.format(database, sql.Identifier(name), sql.Literal(limit)))


def make_roles() -> None:
    """The groups of users, with what the admin's pages allow each."""
    for role, permissions in PERMISSIONS.items():
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set(Permission.objects.filter(permissions))
