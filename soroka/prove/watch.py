"""The watcher: at every instant of a run, what the batches count is what the messages say."""

import asyncio
import time
from collections import Counter

import psycopg

from soroka.prove.books import Books
from soroka.prove.tally import Promise

#: Seconds between two looks, at least; a look that took long is followed by a longer pause, so that it costs little.
_EVERY, _SHARE = 0.25, 4.0

_LOOK = """
WITH counted AS (
    SELECT mailing_id, sum(total) AS total, sum(delivered) AS delivered, sum(not_sent) AS not_sent
      FROM soroka_batch WHERE mailing_id = ANY(%s) GROUP BY mailing_id
), said AS (
    SELECT mailing_id, count(*) AS total, count(*) FILTER (WHERE status = 0) AS in_process,
           count(*) FILTER (WHERE status = 1) AS delivered, count(*) FILTER (WHERE status = 2) AS not_sent
      FROM soroka_message WHERE mailing_id = ANY(%s) GROUP BY mailing_id
)
SELECT coalesce(counted.mailing_id, said.mailing_id), said.total, said.in_process, said.delivered, said.not_sent,
       counted.total, counted.total - counted.delivered - counted.not_sent, counted.delivered, counted.not_sent
  FROM counted FULL JOIN said USING (mailing_id)
"""


class Watcher:
    """Looks several times a second at the mailings that are watched, each time in one snapshot."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._watched: set[int] = set()
        self._looks: Counter[int] = Counter()
        self._wrong: Counter[int] = Counter()
        self._example: dict[int, str] = {}

    def watch(self, mailing: int) -> None:
        """Look at this one from now on."""
        self._watched.add(mailing)

    def promise(self, mailings: list[int]) -> Promise:
        """What was seen of these mailings, which are watched no more."""
        self._watched -= set(mailings)
        wrong = sum(self._wrong[mailing] for mailing in mailings)
        looks = max((self._looks[mailing] for mailing in mailings), default=0)
        example = next((self._example[mailing] for mailing in mailings if mailing in self._example), "")
        return Promise(
            "total = in process + delivered + not sent at every look",
            looks > 0 and not wrong,
            f"{looks} looks, {wrong} wrong{example}",
        )

    async def run(self) -> None:
        """Look until cancelled; a database that is away is looked at again when it is back."""
        while True:
            began = time.monotonic()
            try:
                await self._look()
            except psycopg.OperationalError:
                await self._books.close()
            await asyncio.sleep(max(_EVERY, _SHARE * (time.monotonic() - began)))

    async def _look(self) -> None:
        watched = list(self._watched)
        if not watched:
            return
        for mailing, *both in await self._books.rows(_LOOK, watched, watched):
            said, counted = both[:4], both[4:]
            self._looks[mailing] += 1
            if not agree(said, counted):
                self._wrong[mailing] += 1
                self._example.setdefault(mailing, f", such as messages {said} and batches {counted}")


def agree(said: list[int | None], counted: list[int | None]) -> bool:
    """Whether two rows of total, in process, delivered and not sent are the same and add up."""
    total, *parts = said
    return said == counted and total == sum(part or 0 for part in parts)
