"""The sessions of a user on the desk and the tokens of his programs, where they end without a new password (ADR 38)."""

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken


@transaction.atomic
def end_sessions(user: User) -> None:
    """Let him log in anew everywhere. An access token that he has is good until it is over, a refresh token no more."""
    # Whose a session is stands inside of it alone: each is looked into, of those that are not over.
    lasting = Session.objects.filter(expire_date__gt=timezone.now())
    his = [each.pk for each in lasting if each.get_decoded().get(SESSION_KEY) == str(user.pk)]
    Session.objects.filter(pk__in=his).delete()
    end_tokens(user.pk)


def end_tokens(user_id: int | str) -> int:
    """Let no refresh token of a user be good any more. Returns how many were."""
    good = OutstandingToken.objects.filter(user_id=user_id, expires_at__gt=timezone.now(), blacklistedtoken=None)
    ended = [BlacklistedToken(token=each) for each in good]
    BlacklistedToken.objects.bulk_create(ended, ignore_conflicts=True)
    return len(ended)
