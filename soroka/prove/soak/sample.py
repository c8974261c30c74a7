"""What is measured again and again: what programs hold, who is connected, and how the tables are."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import redis.asyncio

from soroka.bench.processes import tree
from soroka.prove.books import NAME, SESSIONS_OF, Books
from soroka.prove.simulator import Simulator
from soroka.prove.stack import Stack

GATEWAY = "gateway"
PROGRAMS = ("postgres", "valkey", "worker", "beat", "web")
_QUEUES = ("clock", "delivery", "planning")
_KIB = 1024

# Those of the worker bear the ids of its processes, those of the web server the name that the stack gave it.
_SESSIONS = """
SELECT CASE WHEN starts_with(application_name, %s) THEN 'worker' ELSE application_name END, count(*)
  FROM pg_stat_activity
 WHERE datname = current_database() AND backend_type = 'client backend' AND application_name <> %s GROUP BY 1
"""
_TABLES = """
SELECT s.relname, n_dead_tup, n_tup_upd + n_tup_del, autovacuum_count, pg_table_size(c.oid), pg_indexes_size(c.oid),
       current_setting('autovacuum_vacuum_threshold')::float + greatest(c.reltuples, 0) * coalesce(
           (SELECT option_value FROM pg_options_to_table(c.reloptions)
             WHERE option_name = 'autovacuum_vacuum_scale_factor'),
           current_setting('autovacuum_vacuum_scale_factor'))::float
  FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
"""
_OF_A_TABLE = ("dead", "changed", "vacuumed", "table", "indexes", "threshold")
_QUEUE = """
SELECT coalesce(sum(total), 0)::bigint, coalesce(sum(delivered + not_sent), 0)::bigint, count(*),
       coalesce(extract(epoch FROM now() - min(next_at) FILTER (WHERE state = 0 AND next_at < now())), 0)::float
  FROM soroka_batch
"""
_SERVER = """
SELECT (SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::float FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()
           AND (backend_xid IS NOT NULL OR backend_xmin IS NOT NULL)),
       (SELECT coalesce(max(age(backend_xmin)), 0) FROM pg_stat_activity WHERE pid <> pg_backend_pid()),
       (pg_current_wal_lsn() - '0/0')::bigint, (SELECT sum(size)::bigint FROM pg_ls_waldir())
"""


class Sample(NamedTuple):
    """at: seconds since the beginning.  values: by a kind and, behind a space, whose; sizes in bytes, ages in seconds.

    What did not run at that moment has no value.
    """

    at: float
    values: Mapping[str, float]


async def measure(at: float, stack: Stack, gateway: Simulator, books: Books) -> Sample:
    """Measure everything. Raises OSError or psycopg.OperationalError where a store stays away for long."""
    values = dict(_of_programs(stack, gateway))
    values |= {"sessions worker": 0, "sessions web": 0}  # who has none is not among the answers
    values |= {f"sessions {whose}": count for whose, count in await books.rows(_SESSIONS, SESSIONS_OF, NAME)}
    for table, *figures in await books.rows(_TABLES):
        values |= {f"{kind} {table}": figure for kind, figure in zip(_OF_A_TABLE, figures, strict=True)}
    planned, settled, batches, overdue = (await books.rows(_QUEUE))[0]
    values |= {"rows soroka_message": planned, "rows soroka_batch": batches}
    values |= {"messages settled": settled, "messages open": planned - settled, "seconds overdue": overdue}
    names = ("seconds snapshot", "transactions snapshot", "wal written", "wal kept")
    values |= dict(zip(names, (await books.rows(_SERVER))[0], strict=True))
    return Sample(round(at, 1), values | await _of_valkey(stack.valkey.url))


def _of_programs(stack: Stack, gateway: Simulator) -> Iterator[tuple[str, float]]:
    running = {name: pid for name in PROGRAMS if (pid := stack.pid_or_none(name))}
    for name, pid in (running | {GATEWAY: gateway.pid}).items():
        members = tree(pid)
        yield f"memory {name}", sum(map(_own_memory, members))
        yield f"descriptors {name}", sum(map(_descriptors, members))
        yield f"processes {name}", len(members)


def _own_memory(pid: int) -> int:
    """Bytes that a process has written to and that are in no file; a page that processes share is divided by them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * _KIB for line in lines if line.startswith("Pss_Anon:")), 0)


def _descriptors(pid: int) -> int:
    try:
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return 0


async def _of_valkey(url: str) -> dict[str, float]:
    """Nothing while it is away."""
    client = redis.asyncio.Redis.from_url(url, socket_timeout=5)
    try:
        said = await client.info()
        waiting = [int(await client.llen(queue)) for queue in _QUEUES]
    except redis.RedisError:
        return {}
    finally:
        await client.aclose()
    ours = 1
    return {
        "clients valkey": said["connected_clients"] - ours,
        "data valkey": said["used_memory"],
        "tasks waiting": sum(waiting),
    }
