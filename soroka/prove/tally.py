"""The arithmetic of a verdict: pure functions over the gateway's record and the ledger."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from soroka.domain.message import Reason, Status
from soroka.prove.record import Call, accepted_ids


class Entry(NamedTuple):
    """A message as the ledger has it."""

    status: int
    reason: int | None


Ledger = Mapping[int, Entry]


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a line of the verdict shows, in messages.

    planned: in the ledger.  offered, accepted: distinct ones, by the gateway's record.  delivered, not_sent: by the
    ledger, not_sent without those in doubt.  twice: accepted more than once by the gateway's record.  lost: neither
    accepted nor closed with a reason that the row allows.  doubt: closed as ``unknown``.
    """

    planned: int
    offered: int
    accepted: int
    delivered: int
    not_sent: int
    twice: int
    lost: int
    doubt: int

    def values(self) -> tuple[int, ...]:
        """All of them, in the order of the columns."""
        return tuple(asdict(self).values())


@dataclass(frozen=True, slots=True)
class Promise:
    """One thing that must hold. detail: the numbers that show it.  timed: a busy machine alone may break it."""

    text: str
    holds: bool
    detail: str = ""
    timed: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def numbers(ledger: Ledger, calls: Sequence[Call], allowed: Collection[Reason] = ()) -> Numbers:
    """Count. allowed: reasons with which a message that the gateway never accepted may end in this row."""
    statuses = Counter(entry.status for entry in ledger.values())
    doubt = sum(entry.status == Status.NOT_SENT and entry.reason == Reason.UNKNOWN for entry in ledger.values())
    takes = Counter(call.id for call in calls if call.accepted)
    return Numbers(
        planned=len(ledger),
        offered=len({call.id for call in calls}),
        accepted=len(takes),
        delivered=statuses[Status.DELIVERED],
        not_sent=statuses[Status.NOT_SENT] - doubt,
        twice=sum(times > 1 for times in takes.values()),
        lost=len(lost(ledger, calls, allowed)),
        doubt=doubt,
    )


def lost(ledger: Ledger, calls: Iterable[Call], allowed: Collection[Reason]) -> set[int]:
    """Messages that the gateway never accepted and that did not end with an allowed reason."""
    taken = accepted_ids(calls)
    return {
        message
        for message, entry in ledger.items()
        if message not in taken and not (entry.status == Status.NOT_SENT and entry.reason in allowed)
    }


def nothing_lost(
    ledger: Ledger, calls: Sequence[Call], expected: int, allowed: Collection[Reason] = ()
) -> list[Promise]:
    """What must hold under every fault. expected: the size of the audience.

    The planned are the audience, all are settled, none is lost, and the ledger says of none what the gateway denies.
    """
    taken = accepted_ids(calls)
    open_ones = sum(entry.status == Status.IN_PROCESS for entry in ledger.values())
    missing = len(lost(ledger, calls, allowed))
    invented = sum(entry.status == Status.DELIVERED and message not in taken for message, entry in ledger.items())
    denied = sum(_denied(entry) for message, entry in ledger.items() if message in taken)
    strange = len({call.id for call in calls} - ledger.keys())
    return [
        Promise("everybody is planned once", len(ledger) == expected, f"{len(ledger)} of {expected}"),
        Promise("everything is settled", not open_ones, f"{open_ones} open"),
        Promise("nothing is lost", not missing, f"{missing} lost"),
        Promise("what counts as delivered was accepted", not invented, f"{invented} were not"),
        Promise("what was accepted is delivered or in doubt", not denied, f"{denied} are not"),
        Promise("nothing is offered that was not planned", not strange, f"{strange} were"),
    ]


def _denied(entry: Entry) -> bool:
    """Whether the ledger says of an accepted message that it was certainly not sent."""
    return entry.status == Status.NOT_SENT and entry.reason != Reason.UNKNOWN


def offered_once(calls: Iterable[Call]) -> Promise:
    """No message was called for twice."""
    again = sum(times > 1 for times in Counter(call.id for call in calls).values())
    return Promise("nothing is offered twice", not again, f"{again} were")


def accepted_once(calls: Iterable[Call]) -> Promise:
    """The gateway took no message over twice."""
    again = sum(times > 1 for times in Counter(call.id for call in calls if call.accepted).values())
    return Promise("nothing is accepted twice", not again, f"{again} were")


def at_most(count: int, most: int, text: str) -> Promise:
    """A count within its bound."""
    return Promise(text, count <= most, f"{count}, at most {most}")


def repeats_explained(calls: Iterable[Call], unsettled: Sequence[Collection[int]]) -> Promise:
    """A message is offered again at most once for each fault at which it was offered and not settled.

    unsettled: for each fault the ids that were so at its moment, read from the ledger.
    """
    chances = Counter(message for ids in unsettled for message in ids)
    times = Counter(call.id for call in calls)
    repeats = sum(count - 1 for count in times.values())
    unexplained = sum(count - 1 > chances[message] for message, count in times.items())
    bound = sum(map(len, unsettled))
    return Promise(
        "only what was unsettled at a fault is offered again",
        not unexplained,
        f"{repeats} repeats, at most {bound}, {unexplained} unexplained",
    )


def worn_out(ledger: Ledger, unsettled: Sequence[Collection[int]], tries: int) -> Promise:
    """At a gateway that knows repeats a message ends as ``unknown`` only if as many faults as it has tries met it."""
    met = Counter(message for ids in unsettled for message in ids)
    unknown = [message for message, entry in ledger.items() if entry.reason == Reason.UNKNOWN]
    spared = sum(met[message] < tries for message in unknown)
    return Promise(
        f"in doubt ends only what {tries} faults or more met", not spared, f"{len(unknown)} unknown, {spared} too soon"
    )


def doubts_end(ledger: Ledger, calls: Sequence[Call], unsettled: Sequence[Collection[int]]) -> Promise:
    """At a gateway that knows no repeats every ``unknown`` was unsettled at a fault."""
    at_a_fault = {message for ids in unsettled for message in ids}
    unknown = {message for message, entry in ledger.items() if entry.reason == Reason.UNKNOWN}
    strays = len(unknown - at_a_fault)
    return Promise(
        "only what was unsettled at a fault is in doubt", not strays, f"{len(unknown)} unknown, {strays} unexplained"
    )


def none_after(calls: Iterable[Call], moment: float, text: str) -> Promise:
    """No call arrived after ``moment``, seconds since 1970."""
    late = [call.at - moment for call in calls if call.at > moment]
    return Promise(text, not late, f"{len(late)} calls" + (f", the last {max(late):.2f} s after" if late else ""))


def none_before(calls: Iterable[Call], moment: float, text: str) -> Promise:
    """No call arrived before ``moment``, seconds since 1970."""
    early = [moment - call.at for call in calls if call.at < moment]
    return Promise(text, not early, f"{len(early)} calls" + (f", the first {max(early):.2f} s before" if early else ""))


def none_within(calls: Iterable[Call], start: float, end: float, text: str) -> Promise:
    """No call arrived between two moments, seconds since 1970."""
    found = sum(start < call.at < end for call in calls)
    return Promise(text, not found, f"{found} calls")


def within(seconds: float | None, most: float, text: str) -> Promise:
    """Something took at most so long; None: it never came."""
    detail = "never" if seconds is None else f"{seconds:.2f} s"
    return Promise(text, seconds is not None and seconds <= most, detail, timed=seconds is not None)
