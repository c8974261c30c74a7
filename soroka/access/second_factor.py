"""The second factor of a user: an app that shows codes, and recovery codes for when it is lost (ADR 38)."""

import base64
import secrets
from hashlib import blake2b

import structlog
from django.contrib.auth.models import User
from django.db import transaction
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken

from soroka.access.sessions import end_sessions
from soroka.models import Totp
from soroka.models.change import Deed
from soroka.models.totp import KeyGone
from soroka.models.trail import note

RECOVERY_CODES = 10
#: Random bytes of a recovery code: as many as nobody finds by trying, whose database he may have.
_BYTES = 10
log = structlog.get_logger(__name__)


def factor_of(user: User) -> Totp | None:
    """His app, once it has shown a right code."""
    return Totp.objects.filter(user_id=user.pk, confirmed=True).first()


def begun(user: User) -> Totp | None:
    """His app that has yet to show a right code."""
    return Totp.objects.filter(user_id=user.pk, confirmed=False).first()


@transaction.atomic
def begin(user: User) -> Totp:
    """A new secret for his app, in place of one that was begun before; it counts once it is confirmed."""
    Totp.objects.filter(user_id=user.pk, confirmed=False).delete()
    return Totp.objects.create(user_id=user.pk, confirmed=False)


@transaction.atomic
def confirm(user: User, code: str) -> list[str]:
    """His recovery codes, now that the app he has begun with shows this code; none where it does not."""
    app = Totp.objects.select_for_update().filter(user_id=user.pk, confirmed=False).first()
    if app is None or factor_of(user) or not app.verify_token(_typed(code)):
        return []
    app.confirmed = True
    app.save()
    note(Deed.CHANGED, user, before={"second_factor": False}, after={"second_factor": True})
    return _new_codes(user)


@transaction.atomic
def renew_recovery_codes(user: User) -> list[str]:
    """New recovery codes; the old ones are good for nothing any more."""
    before = recovery_codes_left(user)
    codes = _new_codes(user)
    note(Deed.CHANGED, user, before={"recovery_codes": before}, after={"recovery_codes": len(codes)})
    return codes


def recovery_codes_left(user: User) -> int:
    """How many are not used."""
    return int(StaticToken.objects.filter(device__user_id=user.pk).count())


@transaction.atomic
def accepts(user: User, code: str) -> bool:
    """Whether it is a code of his app, or one of his recovery codes. Each is good for once.

    After a wrong one nothing is looked at for a second, then for two, four and so on; django-otp counts for the app and
    for the recovery codes apart. What is typed says which of them is meant, so that neither counts the other's.
    """
    typed = _typed(code)
    is_of_app = typed.isdigit()
    devices = Totp.objects if is_of_app else StaticDevice.objects
    device = devices.select_for_update().filter(user_id=user.pk, confirmed=True).first()
    try:
        is_right = device is not None and device.verify_token(typed if is_of_app else _digest(typed))
    except KeyGone:
        log.exception("the key of a second factor is gone", person=user.pk)
        return False
    if is_right and not is_of_app:
        left = recovery_codes_left(user)
        note(Deed.CHANGED, user, before={"recovery_codes": left + 1}, after={"recovery_codes": left})
    return bool(is_right)


@transaction.atomic
def remove(user: User) -> bool:
    """Leave him with his password alone. Returns whether there was anything else."""
    had, _ = Totp.objects.filter(user_id=user.pk, confirmed=True).delete()
    Totp.objects.filter(user_id=user.pk).delete()
    StaticDevice.objects.filter(user_id=user.pk).delete()
    if had:
        note(Deed.CHANGED, user, before={"second_factor": True}, after={"second_factor": False})
    return bool(had)


@transaction.atomic
def reset(user: User) -> bool:
    """``remove`` by another, who does not know his password: what was opened with a lost phone is closed as well."""
    had = remove(user)
    if had:
        end_sessions(user)
    return had


def _new_codes(user: User) -> list[str]:
    codes = [base64.b32encode(secrets.token_bytes(_BYTES)).decode().lower() for _ in range(RECOVERY_CODES)]
    StaticDevice.objects.filter(user_id=user.pk).delete()
    device = StaticDevice.objects.create(user_id=user.pk, name="recovery")
    StaticToken.objects.bulk_create(StaticToken(device=device, token=_digest(code)) for code in codes)
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes]


def _typed(code: str) -> str:
    """Without what stands between its parts."""
    return "".join(code.lower().split()).replace("-", "")


def _digest(code: str) -> str:
    """As it is kept, in the 16 characters that django-otp has for it: a fast hash is enough for 80 random bits."""
    return base64.b64encode(blake2b(code.encode("utf-8", "replace"), digest_size=12).digest()).decode()
