"""End to end (claim, HTTP, durable settle) against the bare HTTP client, by turns within each run."""

from collections.abc import Iterator
from dataclasses import dataclass

from soroka.bench import roles
from soroka.bench.bench import Bench, Part
from soroka.bench.crew import Crew, work
from soroka.bench.errors import BenchError
from soroka.bench.figures import Row, Target, at_least
from soroka.bench.mailings import TEXT, planned, require_delivered, set_gateway
from soroka.bench.server import cpu_seconds
from soroka.bench.stub import Stub

_NAME = "delivery"
_WRK_SECONDS = 5
_SHARE = at_least(0.8)
_TWO_PUMPS = 2


@dataclass(frozen=True, slots=True)
class _Case:
    """latency: the stub's, seconds.  connections: over all processes.  fastest: the target with two pumps."""

    latency: float
    connections: int
    messages: int
    fastest: Target | None = None

    @property
    def words(self) -> str:
        return f"{self.latency * 1000:.0f} ms, {self.connections:,} connections"


_AT_ONCE = _Case(0.0, 128, 200_000, at_least(25_000))
_CASES = (_AT_ONCE, _Case(0.05, 1000, 100_000))


@dataclass(frozen=True, slots=True)
class _Pair:
    """One run with so many processes. stub, server: CPU seconds of the stub gateway and of PostgreSQL end to end.

    bare_stub: of the stub gateway under the bare client.
    """

    messages: int
    bare: Crew
    pumps: Crew
    bare_stub: float
    stub: float
    server: float

    @property
    def bare_rate(self) -> float:
        return self.messages / self.bare.seconds

    @property
    def rate(self) -> float:
        return self.messages / self.pumps.seconds


def _measure(bench: Bench) -> Iterator[Row]:
    stub = Stub(bench.scratch)
    yield from _stub_rows(bench, stub)
    for case in _CASES:
        with stub.latency(case.latency):
            runs = [{count: _pair(bench, stub, case, count) for count in (1, _TWO_PUMPS)} for _ in range(bench.runs)]
        for count in (1, _TWO_PUMPS):
            yield from _rate_rows(case, count, [run[count] for run in runs])
        if case is _AT_ONCE:
            yield from _cost_rows([run[1] for run in runs])


def _stub_rows(bench: Bench, stub: Stub) -> Iterator[Row]:
    found = [stub.rate_under_wrk(max(1, round(_WRK_SECONDS * bench.scale))) for _ in range(bench.runs)]
    known = [one for one in found if one]
    if not known:
        bench.notes.append("wrk is not installed: what the stub gateway can do at most is not known.")
        return
    yield Row(_NAME, "stub gateway under wrk, 1 thread", "calls/s", tuple(rate for rate, _ in known))
    yield Row(_NAME, "CPU of the stub under wrk", "µs/call", tuple(cpu * 1e6 for _, cpu in known))


def _pair(bench: Bench, stub: Stub, case: _Case, count: int) -> _Pair:
    messages = bench.size(case.messages) // count * count
    connections = case.connections // count
    bench.step(f"{case.words}: {count} bare")
    share = messages // count
    stub_before = stub.cpu()
    bare = work(roles.bare_client, [(1 + share * number, share, connections, TEXT) for number in range(count)])
    bare_stub = stub.cpu() - stub_before
    set_gateway(kind="http_jwt", connections=connections)
    mailing = planned(messages)
    bench.step(f"{case.words}: {count} pumps")
    calls, stub_before, server = stub.calls(), stub.cpu(), cpu_seconds(bench.scratch.postgres_pid)
    pumps = work(roles.pump, [()] * count)
    pair = _Pair(
        messages, bare, pumps, bare_stub, stub.cpu() - stub_before,
        cpu_seconds(bench.scratch.postgres_pid) - server,
    )  # fmt: skip
    require_delivered(mailing, messages)
    if stub.calls() - calls != messages:
        raise BenchError(f"{messages} messages were delivered and the stub gateway saw {stub.calls() - calls}")
    return pair


def _rate_rows(case: _Case, count: int, pairs: list[_Pair]) -> Iterator[Row]:
    fastest = case.fastest if count == _TWO_PUMPS else None
    names = ("process", "pump") if count == 1 else ("processes", "pumps")
    yield Row(_NAME, f"bare client, {case.words}, {count} {names[0]}", "calls/s", tuple(one.bare_rate for one in pairs))
    yield Row(
        _NAME, f"end to end, {case.words}, {count} {names[1]}", "messages/s", tuple(one.rate for one in pairs), fastest
    )
    ratios = tuple(one.rate / one.bare_rate for one in pairs)
    yield Row(_NAME, f"end to end / bare, {case.words}, {count}", "ratio", ratios, _SHARE)


def _cost_rows(pairs: list[_Pair]) -> Iterator[Row]:
    """Where the CPU time of a message goes, with one pump and no latency."""

    def row(name: str, seconds: list[float]) -> Row:
        values = (used / pair.messages * 1e6 for used, pair in zip(seconds, pairs, strict=True))
        return Row(_NAME, f"CPU, {name}", "µs/message", tuple(values))

    yield row("bare client", [pair.bare.cpu for pair in pairs])
    yield row("stub under the bare client", [pair.bare_stub for pair in pairs])
    yield row("pump", [pair.pumps.cpu for pair in pairs])
    for thread, words in (("loop", "event loop"), ("client", "HTTP client's threads"), ("database", "database thread")):
        yield row(f"pump: {words}", [pair.pumps.efforts[0].threads[thread] for pair in pairs])
    yield row("PostgreSQL under one pump", [pair.server for pair in pairs])
    yield row("stub under one pump", [pair.stub for pair in pairs])


PART = Part(_NAME, 8, _measure)
