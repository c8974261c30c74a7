"""What the rows stand on: gateways, mailings, waiting, and the verdict over what they found."""

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from django.db import connection

from soroka.demo.api import Api, ApiError
from soroka.embedded.errors import StackError
from soroka.prove.books import Books
from soroka.prove.record import Call
from soroka.prove.simulator import Simulator
from soroka.prove.stack import Stack
from soroka.prove.tally import nothing_lost, numbers
from soroka.prove.tls import Authority
from soroka.prove.verdict import Findings, NotRun, Row, Verdict
from soroka.prove.waiting import TooLong, until
from soroka.prove.watch import Watcher

#: The mailings that a row has made so far, in the task of the row.
_made: "ContextVar[list[Sent]]" = ContextVar("made")

P = ParamSpec("P")
T = TypeVar("T")

_OPEN = "SELECT coalesce(sum(total - delivered - not_sent), 0)::bigint FROM soroka_batch WHERE mailing_id = ANY(%s)"
_UNFINISHED = "SELECT count(*) FROM soroka_batch WHERE mailing_id = ANY(%s) AND state <> 3"
#: A row's mailings must have come to their end so many seconds after its fault: the longest pause of a gateway that is
#: left alone is a minute.
PATIENCE = 150.0


@dataclass(frozen=True, slots=True)
class Hostile:
    """A gateway of the service, and the simulator behind it."""

    id: int
    name: str
    simulator: Simulator
    connections: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A mailing under proof. starts, ends: seconds since 1970."""

    id: int
    size: int
    gateway: Hostile
    starts: float
    ends: float
    fallbacks: tuple[Hostile, ...] = ()

    @property
    def simulators(self) -> set[Simulator]:
        """Everybody who may be called for it."""
        return {gateway.simulator for gateway in (self.gateway, *self.fallbacks)}

    def calls(self, ids: "set[int] | dict[int, Any]") -> list[Call]:
        """The calls for its messages."""
        return [call for call in self.gateway.simulator.calls() if call.id in ids]


class Proof:
    """authority: whose certificates the service trusts.  scale: 1 is full.  seed: of all lots."""

    def __init__(
        self, stack: Stack, books: Books, watcher: Watcher, authority: Authority, *, scale: float, seed: int
    ) -> None:
        from soroka.prove import desk  # needs Django's settings, which the stack has made

        self.stack = stack
        self.desk = desk
        self.books = books
        self.watcher = watcher
        self.authority = authority
        self._scale = scale
        self._seed = seed
        self._thread = ThreadPoolExecutor(1, "desk")

    def lots(self, name: str) -> random.Random:
        """What draws the lots of one row."""
        return random.Random(f"{self._seed} {name}")  # noqa: S311 (repeatable on purpose)

    def scaled(self, full: float, least: float) -> int:
        """A size, a count or whole seconds at this scale."""
        return round(max(least, full * self._scale))

    async def gateway(self, name: str, *, idempotent: bool = True, connections: int = 20, **claims: Any) -> Hostile:
        """A gateway of its own for a row. claims: of the token that it is given."""
        simulator = self.stack.simulator(name)
        await simulator.start()
        return await self.gateway_at(name, simulator.url, simulator, idempotent, connections, **claims)

    async def gateway_at(
        self, name: str, url: str, simulator: Simulator, idempotent: bool = True, connections: int = 20, **claims: Any
    ) -> Hostile:
        """A gateway whose simulator is reached by another address."""
        number = await self.at_desk(
            self.desk.add_gateway, name, url, idempotent=idempotent, connections=connections, **claims
        )
        return Hostile(number, name, simulator, connections)

    async def mailing(
        self, size: int, gateway: Hostile, *, starts_in: float | None = None, ends_in: float = 3600,
        fallbacks: Sequence[Hostile] = (),
    ) -> Sent:  # fmt: skip
        """A planned mailing to ``size`` clients, watched from now on."""
        route = [gateway.id, *(fallback.id for fallback in fallbacks)]
        made = await self.at_desk(self.desk.add_mailing, size, route, starts_in=starts_in, ends_in=ends_in)
        return self._known(Sent(made[0], size, gateway, *made[1:], fallbacks=tuple(fallbacks)))

    async def mailing_by_api(self, api: Api, size: int, gateway: Hostile) -> Sent:
        """The same, as a program asks for it over HTTP: it rings at once."""
        tag = await self.at_desk(self.desk.audience_of, size)
        ends = time.time() + 3600
        body = {
            "text": "Сорока", "filter": {"tags": [tag]}, "gateway": gateway.name,
            "ends_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ends)),
        }  # fmt: skip
        began = time.time()
        made = await asyncio.to_thread(api.post, "/mailings", body)
        return self._known(Sent(made["id"], size, gateway, began, ends))

    def _known(self, mailing: Sent) -> Sent:
        """Note that the row has made it."""
        self.watcher.watch(mailing.id)
        _made.get().append(mailing)
        return mailing

    async def api(self) -> Api:
        """A caller who is logged in as the administrator."""
        api = Api(self.stack.url)
        await asyncio.to_thread(api.log_in, "admin", self.stack.admin_password)
        return api

    async def at_desk(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do something with the code of the product, on a connection that is given back."""

        def done() -> T:
            try:
                return call(*args, **kwargs)
            finally:
                connection.close()

        return await asyncio.get_running_loop().run_in_executor(self._thread, done)

    async def open(self, *mailings: Sent) -> int:
        """How many messages of these are unsettled now."""
        return int(await self.books.value(_OPEN, [mailing.id for mailing in mailings]))

    async def progress(self, mailing: Sent, share: float, within: float = 60.0) -> None:
        """Wait until so much of a mailing is settled."""

        async def reached() -> bool:
            return await self.open(mailing) <= (1 - share) * mailing.size

        await until(reached, within, f"{share:.0%} of the mailing of {mailing.gateway.name} is settled")

    async def finished(self, *mailings: Sent, within: float = PATIENCE) -> float:
        """Wait until every batch of these is closed; returns the seconds that took."""

        async def closed() -> bool:
            return not await self.books.value(_UNFINISHED, [mailing.id for mailing in mailings])

        what = "every batch is closed for " + ", ".join(sorted({mailing.gateway.name for mailing in mailings}))
        return await until(closed, within, what, look=0.1)

    async def next_call(
        self, gateway: Hostile, since: float, within: float, what: str, ids: Collection[int] | None = None
    ) -> float:
        """Wait for a call that arrives after ``since`` (seconds since 1970); returns the seconds between.

        ids: only calls for these messages count.
        """
        found: list[float] = []

        async def come() -> bool:
            news = (call for call in gateway.simulator.calls() if call.at > since and (ids is None or call.id in ids))
            found.extend(call.at for call in itertools.islice(news, 1))
            return bool(found)

        await until(come, within + max(since - time.time(), 0.0), what)
        return found[0] - since

    async def passed(self, moment: float) -> None:
        """Wait until a moment, seconds since 1970, lies a second back."""
        await asyncio.sleep(max(moment + 1.0 - time.time(), 0.0))

    async def next_answer(self, gateway: Hostile, answer: str, within: float) -> None:
        """Wait until the gateway has given an answer of this kind."""

        async def given() -> bool:
            return any(call.answer == answer for call in gateway.simulator.calls())

        await until(given, within, f"{gateway.name} answers {answer}")

    async def verdicts(self, row: Row) -> list[Verdict]:
        """Run a row to its end, whatever happens in it. Call it in a task of its own."""
        began = time.monotonic()
        _made.set([])
        try:
            found = await row.run(self)
        except NotRun as reason:
            return [Verdict(row.name, row.fault, 0.0, None, skipped=str(reason))]
        except (TooLong, StackError, ApiError, OSError) as error:
            return [await self._judged(row, Findings(row.name, _made.get()), began, problem=str(error))]
        each: Sequence[Findings] = [found] if isinstance(found, Findings) else found
        return [await self._judged(row, findings, began) for findings in each]

    async def _judged(self, row: Row, findings: Findings, began: float, problem: str = "") -> Verdict:
        ids = [mailing.id for mailing in findings.mailings]
        ledger = await self.books.ledger(ids)
        simulators = set().union(*(mailing.simulators for mailing in findings.mailings))
        calls = [call for simulator in simulators for call in simulator.calls() if call.id in ledger]
        expected = sum(mailing.size for mailing in findings.mailings)
        promises = [
            *nothing_lost(ledger, calls, expected, findings.allowed),
            *findings.seen,
            *findings.judge(ledger, calls),
            self.watcher.promise(ids),
        ]
        shown = numbers(ledger, calls, findings.allowed)
        return Verdict(findings.name, row.fault, time.monotonic() - began, shown, promises, problem)
