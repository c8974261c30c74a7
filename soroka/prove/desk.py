"""What an operator does: gateways and mailings, through the code of the product. Django is set up before the import."""

from collections.abc import Sequence
from datetime import timedelta

import jwt
from django.db import connection

from soroka.audience.filter import Filter
from soroka.models import Gateway, Mailing, Tag, Zone
from soroka.models.clock import database_now
from soroka.planning.launch import create_mailing, plan
from soroka.prove.simulator import SECRET

#: Longer than any planning of a proof.
_PLANNING = 300.0

_CLIENTS = """
INSERT INTO soroka_client (phone, operator_code, tag_ids, zone_id, attributes, opted_out, created_at, updated_at)
SELECT 79000000000 + n, 900, '{}', %s, '{}', false, now(), now()
  FROM generate_series((SELECT count(*) FROM soroka_client) + 1, %s) n
"""
_TAG = """
UPDATE soroka_client SET tag_ids = tag_ids || %s::int
 WHERE id IN (SELECT id FROM soroka_client ORDER BY id LIMIT %s)
"""


def audience_of(size: int) -> str:
    """The name of a tag that ``size`` clients have, who are made where there are too few."""
    tag, made = Tag.objects.get_or_create(name=f"audience-{size}")
    if made:
        with connection.cursor() as cursor:
            cursor.execute(_CLIENTS, [Zone.objects.get_or_create(name="Europe/Moscow")[0].pk, size])
            cursor.execute(_TAG, [tag.pk, size])
            cursor.execute("ANALYZE soroka_client")
    return tag.name


def token(**claims: object) -> str:
    """What the simulated gateways let in."""
    return jwt.encode({"sub": "soroka", **claims}, SECRET, "HS256")


def add_gateway(name: str, url: str, *, idempotent: bool, connections: int, **claims: object) -> int:
    """A gateway without a pace; returns its id. connections: over all pumps.  claims: of its token."""
    gateway = Gateway(name=name, url=url, idempotent=idempotent, connections=connections)
    gateway.set_token(token(**claims))
    gateway.save()
    return gateway.pk


def set_pace(gateway: int, rate: float, burst: int) -> None:
    """Let it be called so often a second, over all pumps."""
    Gateway.objects.filter(pk=gateway).update(rate=rate, burst=burst)


def renew_token(gateway: int) -> None:
    """Enter a token that holds."""
    row = Gateway.objects.get(pk=gateway)
    row.set_token(token())
    row.save(update_fields=["token"])


def add_mailing(
    size: int, route: Sequence[int], *, starts_in: float | None, ends_in: float
) -> tuple[int, float, float]:
    """A planned mailing to ``size`` clients: its id, and its start and end in seconds since 1970.

    route: ids of the gateway and of those that take over while it is down.
    """
    tag = Tag.objects.get(name=audience_of(size))
    now = database_now()
    mailing: Mailing = create_mailing(
        name=f"{size}",
        text="Сорока на хвосте принесла",
        audience=Filter(tag_ids=(tag.pk,)),
        starts_at=None if starts_in is None else now + timedelta(seconds=starts_in),
        ends_at=now + timedelta(seconds=ends_in),
        local_time=False,
        gateway=Gateway.objects.get(pk=route[0]),
        fallbacks=route[1:],
        user=None,
    )
    plan(mailing.pk, seconds=_PLANNING)
    return mailing.pk, mailing.starts_at.timestamp(), mailing.ends_at.timestamp()
