"""``manage.py prepare``: what an installation needs before its first request."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.models import Q

from soroka.domain.role import Role
from soroka.models import Gateway
from soroka.models.locks import PREPARE

LOCK_TIMEOUT = "120s"
_READS = Q(content_type__app_label="soroka", codename__startswith="view_") & ~Q(codename="view_apikey")
_WRITES = Q(
    content_type__app_label="soroka",
    codename__in=[
        "add_tag", "change_tag", "delete_tag", "add_client", "change_client", "delete_client", "add_clientimport",
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
        """Raises OperationalError where another run holds the lock for longer than ``LOCK_TIMEOUT``."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [LOCK_TIMEOUT])
            cursor.execute("SELECT pg_advisory_lock(%s)", [PREPARE])
            try:
                call_command("migrate", interactive=False, verbosity=options["verbosity"])
                make_roles()
                self._make_admin()
                Gateway.objects.update_or_create(name="default", defaults={"idempotent": settings.GATEWAY_IDEMPOTENT})
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [PREPARE])

    def _make_admin(self) -> None:
        if User.objects.filter(username="admin").exists():
            return
        password = settings.ADMIN_PASSWORD or secrets.token_urlsafe(12)
        User.objects.create_superuser("admin", password=password)
        if not settings.ADMIN_PASSWORD:
            self.stdout.write(f"The password of the user admin is {password}: it is shown this once.")


def make_roles() -> None:
    """The groups of users, with what the admin's pages allow each."""
    for role, permissions in PERMISSIONS.items():
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set(Permission.objects.filter(permissions))
