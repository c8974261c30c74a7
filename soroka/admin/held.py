"""What every page of the desk says while nothing is sent because a backup was brought back."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from soroka.models.restoration import is_held


def label(request: HttpRequest) -> list[str] | None:
    """The words beside the user's name, and their colour; nothing where nothing is held, or nobody has logged in."""
    if request.user.is_authenticated and is_held():
        return [_("Held: nothing is sent"), "danger"]
    return None
