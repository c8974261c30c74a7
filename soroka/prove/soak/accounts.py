"""The gateway's record laid beside the ledger, a mailing at a time: millions of calls are not kept."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from soroka.prove.record import Call
from soroka.prove.tally import Ledger, Numbers, Promise, nothing_lost, numbers

#: Answers after which a message that was accepted is in doubt: it is offered again to a gateway that knows repeats.
_BROKEN_OFF = {"half", "lose"}


class Accounts:
    """news: the calls since it was asked last."""

    def __init__(self, news: Callable[[], list[Call]]) -> None:
        self._news = news
        self._calls: dict[int, list[Call]] = {}
        self._unsettled: set[int] = set()
        self._numbers: list[Numbers] = []
        self._promises: dict[str, list[Promise]] = defaultdict(list)

    def unsettled_at_fault(self, ids: Iterable[int]) -> None:
        """These were offered and not settled when something was killed or cut: they may be offered again."""
        self._unsettled.update(ids)

    def look(self) -> None:
        """Take over what the gateway has noted since the last look."""
        for call in self._news():
            self._calls.setdefault(call.id, []).append(call)

    def close(self, ledger: Ledger, expected: int) -> None:
        """Judge a mailing that is over, and forget its calls. expected: the size of its audience."""
        self.look()
        calls = [call for message in ledger for call in self._calls.pop(message, ())]
        self._numbers.append(numbers(ledger, calls))
        for promise in (*nothing_lost(ledger, calls, expected), self._repeats(calls)):
            self._promises[promise.text].append(promise)

    @property
    def total(self) -> Numbers:
        """Over all mailings."""
        columns = zip(*(each.values() for each in self._numbers), strict=True)
        return Numbers(*map(sum, columns)) if self._numbers else Numbers(*[0] * 8)

    def promises(self) -> list[Promise]:
        """Each of them over all mailings; call it when all are closed."""
        self.look()
        strays = len(self._calls)
        return [
            *(_together(text, each) for text, each in self._promises.items()),
            Promise("nothing is offered whose mailing is over or unknown", not strays, f"{strays} were"),
        ]

    def _repeats(self, calls: Sequence[Call]) -> Promise:
        takes = Counter(call.id for call in calls if call.accepted)
        doubtful = self._unsettled | {call.id for call in calls if call.answer in _BROKEN_OFF}
        twice = {message for message, times in takes.items() if times > 1}
        unexplained = len(twice - doubtful)
        return Promise(
            "accepted twice is only what was in doubt at a fault",
            not unexplained,
            f"{len(twice)} twice, {unexplained} unexplained",
        )


def _together(text: str, each: Sequence[Promise]) -> Promise:
    broken = [promise.detail for promise in each if not promise.holds]
    return Promise(text, not broken, "; ".join(broken) if broken else f"in each of {len(each)} mailings")
