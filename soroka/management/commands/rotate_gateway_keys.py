"""``manage.py rotate_gateway_keys`` or ``soroka manage rotate_gateway_keys``: a new key for gateways' secrets."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from soroka.models import Gateway
from soroka.models.change import Deed
from soroka.models.sealed import UnknownKey, reseal
from soroka.models.trail import note

SECRETS = ("token", "inbound_secret")


class Command(BaseCommand):
    """Seal the tokens and secrets of all gateways with the first of GATEWAY_KEYS. Sending goes on meanwhile.

    Afterwards the other keys may be removed. May be run again; what is sealed with the first key is left alone.
    """

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError with the gateways whose secrets no key opens; those of all others are done then."""
        done, lost = 0, []
        for pk, name in Gateway.objects.values_list("pk", "name"):
            try:
                done += rotate(pk)
            except UnknownKey:
                lost.append(name)
        self.stdout.write(f"Sealed anew: the secrets of {done} gateways.")
        if lost:
            raise CommandError(
                f"No key opens the secrets of {', '.join(lost)}. Add the key that they were made with to GATEWAY_KEYS "
                "(or the old SECRET_KEY, where GATEWAY_KEYS was not set) and run this again, or enter them anew in the "
                "admin."
            )


@transaction.atomic
def rotate(pk: int) -> bool:
    """Seal the secrets of one gateway with the first key; whether they were not. Raises UnknownKey."""
    gateway = Gateway.objects.select_for_update().filter(pk=pk).first()
    if gateway is None:  # removed since
        return False
    fresh = {name: reseal(getattr(gateway, name)) for name in SECRETS}
    changed = {name: kept for name, kept in fresh.items() if kept != getattr(gateway, name)}
    if changed:
        Gateway.objects.filter(pk=pk).update(**changed)
        note(Deed.CHANGED, gateway, after=dict.fromkeys(changed, "…"))
    return bool(changed)
