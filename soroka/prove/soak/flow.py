"""Mailings flow, faults fall, samples are taken, mailings that are over are judged: all at once."""

import asyncio
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from soroka.demo.api import Api, ApiError
from soroka.embedded.supervisor import failing_together
from soroka.prove.books import Books
from soroka.prove.simulator import Simulator
from soroka.prove.soak.accounts import Accounts
from soroka.prove.soak.faults import KILLS_UNTIL, Planned, Scene, lasting, schedule
from soroka.prove.soak.judge import judge
from soroka.prove.soak.sample import PROGRAMS, Sample, measure
from soroka.prove.stack import Stack
from soroka.prove.tally import Numbers, Promise
from soroka.prove.waiting import TooLong, until

#: The name of the gateway.
GATEWAY = "soak"
#: A mailing a minute, or six in a run that is shorter than that; no new one while so many are unsettled.
_EVERY, _LEAST_MAILINGS, _UNSETTLED = 60.0, 6, 4
#: Seconds between two samples; a short run is sampled as often as a long one.
_SAMPLE_EVERY, _SAMPLES = 15.0, 60
#: Seconds that room for one more mailing, and what is left after the flow, may take.
_PATIENCE = 1800.0

_OVER = """
SELECT id FROM soroka_mailing m WHERE planned_at IS NOT NULL AND NOT id = ANY(%s::bigint[])
   AND NOT EXISTS (SELECT FROM soroka_batch WHERE mailing_id = m.id AND state <> 3)
"""
# One whose answer was lost is among them.
_LEFT = "SELECT id FROM soroka_mailing WHERE NOT id = ANY(%s::bigint[])"
_OPEN = "SELECT coalesce(sum(total - delivered - not_sent), 0)::bigint FROM soroka_batch"


@dataclass(frozen=True, slots=True)
class Wish:
    """rate: messages a second.  seed: of the faults."""

    minutes: float
    rate: int
    seed: int

    @property
    def seconds(self) -> float:
        """For which mailings are made."""
        return self.minutes * 60

    @property
    def every(self) -> float:
        """Seconds from one mailing to the next."""
        return min(_EVERY, self.seconds / _LEAST_MAILINGS)

    @property
    def size(self) -> int:
        """Clients of each mailing."""
        return round(self.rate * self.every)


@dataclass(frozen=True, slots=True)
class Soaked:
    """What came of it. seconds: until everything was settled.  since: from which on nothing was restarted."""

    numbers: Numbers
    promises: list[Promise]
    samples: list[Sample]
    faults: list[Planned]
    seconds: float
    since: float

    @property
    def holds(self) -> bool:
        """Whether every promise does."""
        return all(promise.holds for promise in self.promises)


#: Is told the seconds since the beginning and the newest sample, or the fault that falls.
Say = Callable[[float, Sample | Planned], None]


class Flow:
    """A run on a stack that is ready, with the clients and the gateway in it."""

    def __init__(self, stack: Stack, gateway: Simulator, wish: Wish, say: Say) -> None:
        self._stack, self._gateway, self._wish, self._say = stack, gateway, wish, say
        self._accounts = Accounts(gateway.news)
        self._judged: list[int] = []
        self._samples: list[Sample] = []
        self._falling, self._ended = False, set[str]()
        self._began = time.monotonic()

    async def run(self) -> Soaked:
        """Let it flow to its end."""
        wish = self._wish
        faults = schedule(random.Random(wish.seed), wish.seconds)  # noqa: S311 (repeatable on purpose)
        async with failing_together() as group:
            aside = [group.create_task(self._measure()), group.create_task(self._close_mailings())]
            falling = group.create_task(self._fall(faults))
            made = await self._make()
            await falling
            seconds = await self._settled(made)
            for task in aside:
                task.cancel()
        await self._close_rest()
        return self._judge(faults, made, seconds)

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    async def _until(self, moment: float) -> None:
        await asyncio.sleep(max(moment - self._elapsed, 0.0))

    def _books(self) -> Books:
        """A connection of one task's own."""
        return Books(self._stack.postgres.url, patience=60)

    # --- What flows --------------------------------------------------------------------------------------------------

    async def _make(self) -> int:
        """Make the mailings for as long as is wished; returns how many the API has confirmed."""
        books = self._books()
        made = 0

        async def is_room() -> bool:
            return int(await books.value(_OPEN)) < _UNSETTLED * self._wish.size

        for number in range(round(self._wish.seconds / self._wish.every)):
            await self._until(number * self._wish.every)
            await until(is_room, _PATIENCE, "there is room for one more mailing", look=0.5)
            if self._elapsed > self._wish.seconds:
                break
            made += await asyncio.to_thread(self._mailing)
        await self._until(self._wish.seconds)
        await books.close()
        return made

    def _mailing(self) -> bool:
        """Ask for one over HTTP, and look around as a person does; whether the API could answer."""
        ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 6 * 3600))
        audience = {"tags": [f"audience-{self._wish.size}"]}
        try:
            with Api(self._stack.url) as api:
                api.log_in("admin", self._stack.admin_password)
                body = {"text": "Сорока", "filter": audience, "gateway": GATEWAY, "ends_at": ends}
                made = api.post("/mailings", body)["id"]
                for path in (f"/mailings/{made}", f"/mailings/{made}/statistics", "/mailing-statistics", "/gateways"):
                    api.get(path)
        except ApiError:
            return False
        return True

    # --- What falls --------------------------------------------------------------------------------------------------

    async def _fall(self, faults: list[Planned]) -> None:
        lots = random.Random(self._wish.seed)  # noqa: S311 (repeatable on purpose)
        books = self._books()
        scene = Scene(self._stack, books, self._gateway, self._accounts, lots, lasting(self._wish.seconds))
        for fault in faults:
            await self._until(fault.at)
            self._say(self._elapsed, fault)
            self._falling = True
            await scene.do(fault.name)
            self._falling = False
        await books.close()

    # --- What is looked at -------------------------------------------------------------------------------------------

    async def _measure(self) -> None:
        """Sample until cancelled; each sample is kept in a file at once."""
        every, books = min(_SAMPLE_EVERY, self._wish.seconds / _SAMPLES), self._books()
        path = Path(self._stack.home, "log", "samples.jsonl")
        with path.open("w", buffering=1) as file:  # noqa: ASYNC230 (a line now and then)
            while True:
                if not self._falling:
                    self._ended |= {name for name in PROGRAMS if self._stack.pid_or_none(name) is None}
                sample = await measure(self._elapsed, self._stack, self._gateway, books)
                self._samples.append(sample)
                file.write(json.dumps(sample._asdict()) + "\n")
                self._say(self._elapsed, sample)
                await asyncio.sleep(every)

    async def _close_mailings(self) -> None:
        """Judge every mailing soon after it is over, until cancelled."""
        books = self._books()
        while True:
            self._accounts.look()
            for (mailing,) in await books.rows(_OVER, self._judged):
                await self._close(books, mailing)
            await asyncio.sleep(1.0)

    async def _close(self, books: Books, mailing: int) -> None:
        self._accounts.close(await books.ledger([mailing]), self._wish.size)
        self._judged.append(mailing)

    async def _settled(self, made: int) -> float:
        """Wait until all mailings are judged, or for so long as they may take; returns the seconds of the run."""

        async def all_judged() -> bool:
            return len(self._judged) >= made and not await books.rows(_LEFT, self._judged)

        books = self._books()
        try:
            await until(all_judged, _PATIENCE, "every mailing is over", look=0.5)
        except TooLong:
            return self._elapsed
        finally:
            await books.close()
        return self._elapsed

    async def _close_rest(self) -> None:
        """What did not come to its end is judged as it is."""
        books = self._books()
        for (mailing,) in await books.rows(_LEFT, self._judged):
            await self._close(books, mailing)
        await books.close()

    def _judge(self, faults: list[Planned], made: int, seconds: float) -> Soaked:
        since, numbers = KILLS_UNTIL * self._wish.seconds, self._accounts.total
        flowing = [sample for sample in self._samples if sample.at <= self._wish.seconds]
        rate = (numbers.delivered + numbers.not_sent) / seconds
        ended = ", ".join(sorted(self._ended)) or "none did"
        promises = [
            Promise("no program ends but by a fault", not self._ended, ended),
            Promise("every mailing is judged", len(self._judged) >= made, f"{len(self._judged)}, {made} confirmed"),
            *self._accounts.promises(),
            *judge(flowing, since, rate, self._wish.rate),
        ]
        return Soaked(numbers, promises, self._samples, faults, seconds, since)
