"""For how many clients of an audience a cap leaves no room, before anything is planned."""

from dataclasses import dataclass

from django.db import connection, transaction

from soroka.audience.filter import Filter
from soroka.domain.cap import Cap
from soroka.models import Mailing
from soroka.planning.cap import crowded, have_hashed
from soroka.planning.draw import Draw
from soroka.planning.launch import MOMENT, moments_of_zones

_COUNT = "WITH {common} SELECT count(*) FROM crowded"


@dataclass(frozen=True, slots=True)
class Crowd:
    """capped: how many.  exact: whether all were looked at; else it is what a part of them, drawn by chance, says."""

    capped: int
    exact: bool


def crowd(audience: Filter, mailing: Mailing, cap: Cap) -> Crowd:
    """Count for a mailing that need not be kept. Takes some two seconds, however many clients there are."""
    where, values = audience.where()
    others, limits = crowded(cap, where)
    query = _COUNT.format(common=f"{MOMENT}, {others}")
    values |= limits | moments_of_zones(mailing) | {"mailing": mailing.pk or 0}
    draw, capped = Draw(), 0
    with transaction.atomic(), connection.cursor() as cursor:
        have_hashed(cursor)
        for after, to in draw:
            cursor.execute(query, values | {"after": after, "to": to})
            capped += cursor.fetchone()[0]
    return Crowd(draw.of_all(capped), exact=draw.is_whole)
