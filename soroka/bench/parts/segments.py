"""Counts of a filter, as a preview of a segment asks for them."""

import time
from collections.abc import Iterator

from soroka.audience.attribute import Attribute
from soroka.audience.filter import Filter
from soroka.audience.leaves import OperatorCodes, TagChoice
from soroka.audience.matches import matches
from soroka.audience.tree import Combined
from soroka.bench.bench import Bench, Part
from soroka.bench.clients import FIRST_CODE, TAGS, make_clients
from soroka.bench.errors import BenchError
from soroka.bench.figures import Row, at_most
from soroka.models import Tag

_NAME = "segments"
_CLIENTS = 10_000_000
#: Seconds that a count by tag and operator code may take.
_MOST = 1


def _measure(bench: Bench) -> Iterator[Row]:
    clients = bench.size(_CLIENTS)
    bench.step(f"making {clients:,} clients")
    make_clients(clients)
    tag = TagChoice("any", (Tag.objects.get(name=TAGS[0]).pk,))
    one, half = (OperatorCodes(tuple(range(FIRST_CODE, FIRST_CODE + codes))) for codes in (1, 50))
    name = Attribute("name", "eq", "Мария")
    filters = [
        ("a tag and one of 100 operator codes", Filter(tree=Combined("and", (tag, one))), _MOST),
        ("a tag and 50 of 100 operator codes", Filter(tree=Combined("and", (tag, half))), _MOST),
        ("the same and an attribute that all have", Filter(tree=Combined("and", (tag, half, name))), None),
        ("a tag", Filter(tree=tag), None),
    ]
    for words, audience, most in filters:
        bench.step(words)
        values = tuple(_seconds(audience) for _ in range(bench.runs))
        yield Row(_NAME, f"preview over {clients:,} clients: {words}", "s", values, at_most(most) if most else None)


def _seconds(audience: Filter) -> float:
    """How long count and sample take."""
    began = time.perf_counter()
    found = matches(audience)
    elapsed = time.perf_counter() - began
    if not found.count:
        raise BenchError("the filter should take somebody and took nobody")
    return elapsed


PART = Part(_NAME, 2, _measure)
