"""What years of service leave behind, made by the database itself: what the pages of the desk are measured on."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from django.db import connection

from soroka.bench.bench import Bench
from soroka.bench.clients import make_clients, without_indexes
from soroka.bench.closed import finished
from soroka.bench.mailings import default_gateway, planned
from soroka.models import Gateway, Segment, Tag
from soroka.models.clock import database_now
from soroka.queue.withdraw import pause
from soroka.statistics import tally

CLIENTS, MESSAGES = 10_000_000, 10_000_000
_LARGEST, _OPEN, _MAILINGS = 1_000_000, 100_000, 200
_TAGS, _SEGMENTS, _IMPORTS = 1_000, 50, 300
_CHANGES, _CONSENTS, _REFUSED_ROWS = 2_000_000, 1_000_000, 100_000
#: Mailings began so far apart; of each thousand messages so many were refused, after so many offers.
_APART, _REFUSED, _OFFERS = timedelta(hours=8), 10, 10

# Every tenth client has a rare tag and attributes of his own, every hundredth opted out.
_VARY = """
UPDATE soroka_client
   SET tag_ids = tag_ids || (%(tags)s::int[])[1 + id / 10 %% %(number)s], opted_out = id %% 100 = 0,
       attributes = jsonb_build_object('name', 'Анна', 'city', 'город ' || id / 10 %% 1000, 'contract', 'N-' || id)
 WHERE id %% 10 = 0
"""
_ATTEMPTS = """
INSERT INTO soroka_attempt (message_id, gateway_id, at, outcome, detail)
SELECT m.id, m.gateway_id, m.settled_at, 'rejected', 'HTTP 400: no such number'
  FROM soroka_message m, generate_series(1, %(offers)s) WHERE m.status = 2
"""
_CHANGES_MADE = """
INSERT INTO soroka_change (at, actor, actor_kind, channel, request_id, action, kind, object_id, name, before, after)
SELECT now() - (%(number)s - n) * interval '15 seconds', 'operator ' || n %% 20, 'user', 'admin', '',
       CASE WHEN n %% 50 = 0 THEN 'created' ELSE 'changed' END, CASE WHEN n %% 50 = 0 THEN 'mailing' ELSE 'client' END,
       CASE WHEN n %% 50 = 0 THEN 1 + n / 50 %% 200 ELSE 1 + n * 7 %% %(clients)s END, '',
       '{"operator_code": 900}', '{"operator_code": 901}'
  FROM generate_series(1, %(number)s) n
"""
_CONSENTS_GIVEN = """
INSERT INTO soroka_consent (seal_id, at, phone_digest, client_id, act, channel, recorded_by)
SELECT 1, now() - (%(number)s - n) * interval '1 minute', sha256(n::text::bytea), n,
       CASE WHEN n %% 100 = 0 THEN 'opt_out' ELSE 'opt_in' END, 'api', 'site'
  FROM generate_series(1, %(number)s) n
"""
_IMPORTS_DONE = """
INSERT INTO soroka_clientimport (state, filename, size, rows, added, changed, unchanged, refused, progress, detail,
                                 finished_at)
SELECT CASE WHEN n %% 20 = 0 THEN 'failed' ELSE 'finished' END, 'clients ' || n || '.csv', 50000000, 1000000, 900000,
       0, 0, 100000, 1, '', now() - (%(number)s - n) * interval '1 day'
  FROM generate_series(1, %(number)s) n
RETURNING id
"""
_ROWS_REFUSED = """
INSERT INTO soroka_importrow (client_import_id, line, error, original)
SELECT %(client_import)s, 10 * n, 'phone: Not a phone number.', 'oops' FROM generate_series(1, %(number)s) n
"""
_TABLES = (
    "client", "message", "batch", "mailing", "attempt", "change", "consent", "clientimport", "importrow", "tag",
    "segment",
)  # fmt: skip


def leave_years(bench: Bench) -> dict[str, int]:
    """Fill the database up; returns the ids of rows to be looked at, by the name of their table."""
    marks: dict[str, int] = {}
    for words, make in _steps(bench, marks):
        bench.step(words)
        make()
    _tidy()
    return marks


def _steps(bench: Bench, marks: dict[str, int]) -> Iterator[tuple[str, Callable[[], None]]]:
    yield "clients", lambda: make_clients(bench.size(CLIENTS))
    yield "their variety", lambda: marks.update(_vary())
    yield "mailings that are over", lambda: marks.update(_past(bench))
    yield "mailings that are not", lambda: marks.update(_present(bench))
    yield "what else is kept", lambda: marks.update(_kept(bench))


def _vary() -> dict[str, int]:
    Tag.objects.bulk_create(Tag(name=f"rare tag {number}") for number in range(_TAGS))
    tags = list(Tag.objects.filter(name__startswith="rare").order_by("id").values_list("id", flat=True))
    with without_indexes(), connection.cursor() as cursor:
        cursor.execute(_VARY, {"tags": tags, "number": len(tags)})
    common = Tag.objects.exclude(pk__in=tags).order_by("id")[0].pk
    return {"tag": common, "rare_tag": tags[0], "client": 1, "varied": 10}


def _past(bench: Bench) -> dict[str, int]:
    """Finished mailings; client 1 has a message of each, one with a high number of none."""
    largest = finished(bench.size(_LARGEST), refused=_REFUSED)
    each = (bench.size(MESSAGES) - bench.size(_LARGEST)) // _MAILINGS
    now = database_now()
    for number in range(_MAILINGS):
        finished(each, at=now - _APART * (_MAILINGS - number), refused=_REFUSED)
    while tally.fold():
        pass
    with connection.cursor() as cursor:
        cursor.execute("UPDATE soroka_mailing SET over_at = starts_at + interval '2 hours' WHERE over_at IS NOT NULL")
        cursor.execute(_ATTEMPTS, {"offers": _OFFERS})
        cursor.execute("SELECT max(id) FROM soroka_message WHERE mailing_id = %s AND status = 2", [largest.pk])
        [message] = cursor.fetchone()
    return {"mailing": largest.pk, "message": message}


def _present(bench: Bench) -> dict[str, int]:
    """Mailings of which everything is due now, later, or held."""
    running = planned(bench.size(_LARGEST))
    planned(bench.size(_OPEN), starts_at=database_now() + timedelta(days=1))
    paused = planned(bench.size(_OPEN))
    pause(paused.pk)
    return {"running": running.pk, "paused": paused.pk}


def _kept(bench: Bench) -> dict[str, int]:
    """Attempts, the trail, consents, imports, segments, and a gateway through which nothing ever went."""
    idle = Gateway.objects.create(name="idle", url="http://127.0.0.1:1")
    tags = list(Tag.objects.order_by("id").values_list("id", flat=True)[:_SEGMENTS])
    segments = Segment.objects.bulk_create(
        Segment(name=f"segment {tag}", filter={"and": [{"tags": {"any": [tag]}}, {"operator_codes": [900]}]})
        for tag in tags
    )
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES_MADE, {"number": bench.size(_CHANGES), "clients": bench.size(CLIENTS)})
        cursor.execute(_CONSENTS_GIVEN, {"number": bench.size(_CONSENTS)})
        cursor.execute(_IMPORTS_DONE, {"number": _IMPORTS})
        [client_import] = cursor.fetchone()
        cursor.execute(_ROWS_REFUSED, {"client_import": client_import, "number": bench.size(_REFUSED_ROWS)})
    marks = {"gateway": default_gateway().pk, "idle_gateway": idle.pk, "segment": segments[0].pk}
    return marks | {"import": client_import}


def _tidy() -> None:
    """As autovacuum would have it in time."""
    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"VACUUM ANALYZE soroka_{table}")
        cursor.execute("CHECKPOINT")
