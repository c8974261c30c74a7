"""Leave a gateway alone, and go on with it: nothing is claimed for it before ``paused_until``."""

import logging

from django.db import connection, transaction

from soroka.models import Gateway
from soroka.models.change import Deed
from soroka.models.trail import note

log = logging.getLogger(__name__)

# Two pumps that meet the same outage count it once: only the first finds the gateway free.
_LEAVE_ALONE = """
UPDATE soroka_gateway
   SET trouble = CASE WHEN paused_until <= clock_timestamp() THEN least(trouble + 1, 1000) ELSE trouble END,
       paused_until = greatest(paused_until, clock_timestamp() + make_interval(secs => %(seconds)s)),
       stopped_at = CASE WHEN %(stop)s THEN coalesce(stopped_at, clock_timestamp()) ELSE stopped_at END,
       last_error = %(why)s
 WHERE id = %(gateway)s
RETURNING name
"""

_WORKS_AGAIN = """
UPDATE soroka_gateway SET trouble = 0, stopped_at = NULL
 WHERE id = %s AND (trouble > 0 OR stopped_at IS NOT NULL)
RETURNING name
"""

# Its failures in a row stay: it goes on with single messages until one is answered.
_TRY_AGAIN = """
UPDATE soroka_gateway SET paused_until = clock_timestamp() WHERE id = %s AND paused_until > clock_timestamp()
"""


def leave_alone(gateway_id: int, seconds: float, why: str, *, stop: bool) -> None:
    """Claim nothing for a gateway for so long. stop: its address or token is wrong, and a person is told."""
    with connection.cursor() as cursor:
        cursor.execute(_LEAVE_ALONE, {"gateway": gateway_id, "seconds": seconds, "why": why[:200], "stop": stop})
        for (name,) in cursor.fetchall():
            report = log.error if stop else log.warning
            report("gateway %s is left alone for %.1f s: %s", name, seconds, why)


def works_again(gateway_id: int) -> None:
    """A probe was answered: the gateway is claimed for again at full size."""
    with connection.cursor() as cursor:
        cursor.execute(_WORKS_AGAIN, [gateway_id])
        for (name,) in cursor.fetchall():
            log.info("gateway %s works again", name)


_ANSWERED = """
UPDATE soroka_gateway SET answered_at = clock_timestamp()
 WHERE id = %s AND (answered_at IS NULL OR answered_at < clock_timestamp() - interval '5 seconds')
"""


def answered(gateway_id: int) -> None:
    """A gateway took or refused messages just now: for a minute its failures are taken to be a message's."""
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERED, [gateway_id])


def try_again(gateway_id: int) -> bool:
    """A person has mended it, or wants to know: it is probed at once. Whether it was left alone."""
    with transaction.atomic():
        gateway = Gateway.objects.select_for_update().get(pk=gateway_id)
        with connection.cursor() as cursor:
            cursor.execute(_TRY_AGAIN, [gateway_id])
            was_left_alone = bool(cursor.rowcount)
        if was_left_alone:
            note(Deed.CHANGED, gateway, before={"state": gateway.state}, after={"state": "probed"})
    return was_left_alone
