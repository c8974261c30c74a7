"""Tags that are being named stay until the transaction that names them ends."""

from collections.abc import Collection

from django.db import connection
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail


def missing_tags(tag_ids: Collection[int]) -> list[ErrorDetail]:
    """Hold these tags against removal; an error where one was removed since its name was looked up, else nothing.

    To be called in the transaction that writes their ids: whoever removes a tag waits for it, and then finds them.
    """
    with connection.cursor() as cursor:
        # In the order of ids, and by the weakest lock that a removal conflicts with: nobody else waits.
        cursor.execute("SELECT id FROM soroka_tag WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [list(tag_ids)])
        found = cursor.rowcount
    if found == len(set(tag_ids)):
        return []
    return [ErrorDetail(_("One of these tags has just been removed."), code="unknown_tag")]
