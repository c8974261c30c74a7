"""What the ledger says, read on a connection of the prover's own that comes back by itself."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import psycopg

from soroka.prove.tally import Entry

NAME = "soroka prove"
#: What the sessions of a process of the worker are named, with its process id behind.
SESSIONS_OF = "soroka prove, process "
_PATIENCE = 20.0

_ENTRIES = "SELECT id, status, reason FROM soroka_message WHERE mailing_id = ANY(%s)"

# What may have been sent and is not settled: offered under a lease that holds or ran out just now.
_UNSETTLED = """
SELECT m.id FROM soroka_batch b JOIN soroka_message m ON m.id BETWEEN b.id_from AND b.offered_to
 WHERE b.state = 1 AND m.status = 0
"""

_SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name ~ %s"

# Sessions of the service whose transaction has held a snapshot, an id or a lock on a table or a row for a while: nobody
# may, while a gateway hangs. The transaction that is a pump's slot holds its advisory lock and nothing else.
_LONG_TRANSACTIONS = """
SELECT count(*) FROM pg_stat_activity a
 WHERE datname = current_database() AND backend_type = 'client backend' AND application_name <> %s
   AND xact_start < clock_timestamp() - interval '1 second'
   AND (backend_xid IS NOT NULL OR backend_xmin IS NOT NULL
        OR exists(SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.locktype NOT IN ('advisory', 'virtualxid')))
"""


class Books:
    """url: of the database. Every method raises psycopg.OperationalError where it stays away for long."""

    def __init__(self, url: str, patience: float = _PATIENCE) -> None:
        self._url = url
        self._patience = patience
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """The answer to one statement, which is one snapshot."""
        deadline = time.monotonic() + self._patience
        while True:
            try:
                cursor = await (await self._connected()).execute(sql.encode(), values or None)
                return await cursor.fetchall() if cursor.description else []
            except psycopg.OperationalError:
                await self.close()
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.1)

    async def value(self, sql: str, *values: object) -> Any:
        """The first column of the first row."""
        return (await self.rows(sql, *values))[0][0]

    async def ledger(self, mailings: Sequence[int]) -> dict[int, Entry]:
        """Every message of these mailings."""
        found = await self.rows(_ENTRIES, list(mailings))
        return {message: Entry(status, reason) for message, status, reason in found}

    async def unsettled(self) -> set[int]:
        """The messages that are offered and not settled now."""
        return {message for (message,) in await self.rows(_UNSETTLED)}

    async def sessions(self, process: int | None) -> int:
        """How many sessions this process of the worker has; None: all its processes."""
        whose = r"\d+" if process is None else str(process)
        return int(await self.value(_SESSIONS, f"^{SESSIONS_OF}{whose}$"))

    async def long_transactions(self) -> int:
        """How many transactions of the service have held more than a slot for longer than a second now."""
        return int(await self.value(_LONG_TRANSACTIONS, NAME))

    async def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _connected(self) -> psycopg.AsyncConnection[Any]:
        if self._connection is None:
            self._connection = await psycopg.AsyncConnection.connect(
                self._url, autocommit=True, connect_timeout=5, application_name=NAME
            )
        return self._connection
