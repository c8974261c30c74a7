"""The engine alone: claim, offer, render, settle, with a gateway that answers at once; one pump."""

from collections.abc import Iterator

from soroka.bench import roles
from soroka.bench.bench import Bench, Part
from soroka.bench.crew import work
from soroka.bench.figures import Row, at_least
from soroka.bench.mailings import TEMPLATE, TEXT, planned, require_delivered, set_gateway

_NAME = "engine"
_MESSAGES = 300_000
_TASKS = 64


def _measure(bench: Bench) -> Iterator[Row]:
    set_gateway(kind=roles.INSTANT, connections=_TASKS)
    constant = tuple(_rate(bench, TEXT) for _ in range(bench.runs))
    yield Row(_NAME, "one pump, gateway that answers at once", "messages/s", constant, at_least(60_000))
    rendered = tuple(_rate(bench, TEMPLATE) for _ in range(bench.runs))
    yield Row(_NAME, "the same, a text with a variable", "messages/s", rendered)


def _rate(bench: Bench, text: str) -> float:
    messages = bench.size(_MESSAGES)
    bench.step(f"planning {messages:,}")
    mailing = planned(messages, text=text)
    bench.step("one pump")
    crew = work(roles.pump, [()])
    require_delivered(mailing, messages)
    return messages / crew.seconds


PART = Part(_NAME, 4, _measure)
