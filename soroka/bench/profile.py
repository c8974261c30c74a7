"""Where the Python of a pump spends its CPU time. A profiler slows what it watches: these are shares, never rates."""

import pstats
from pathlib import Path
from typing import Any

from soroka.bench import roles
from soroka.bench.bench import Bench
from soroka.bench.crew import work
from soroka.bench.figures import Share
from soroka.bench.mailings import planned, set_gateway

_MESSAGES = 100_000
_CONNECTIONS = 64
_TOP = 15
#: The place of a function's own seconds among its numbers.
_OWN = 2
#: Whoever runs the loop, whose own time is that of the loop, which is written in C.
_LOOP = ("runners.py", "run")

_Function = tuple[str, int, str]


def profiles(bench: Bench, folder: Path) -> dict[str, list[Share]]:
    """One profiled pump over HTTP and one with a gateway that answers at once: the costliest functions of each.

    folder: of the statistics, ``<name>.prof``, for ``python -m pstats``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kinds = {"http": "http_jwt", "engine": roles.INSTANT}
    return {name: _profile(bench, kind, folder / f"{name}.prof") for name, kind in kinds.items()}


def _profile(bench: Bench, kind: str, path: Path) -> list[Share]:
    set_gateway(kind=kind, connections=_CONNECTIONS)
    planned(bench.size(_MESSAGES))
    work(roles.profiled_pump, [(str(path),)])
    return top(path)


def top(path: Path, count: int = _TOP) -> list[Share]:
    """The functions with the most time of their own."""
    timings: dict[_Function, tuple[Any, ...]] = vars(pstats.Stats(str(path)))["stats"]
    own = {function: timing[_OWN] for function, timing in timings.items()}
    whole = sum(own.values()) or 1.0
    costly = sorted(own, key=lambda function: -own[function])[:count]
    return [Share(own[function] / whole * 100, _words(*function)) for function in costly]


def _words(file: str, line: int, name: str) -> str:
    """``delivery/engine.py:120 deliver``; a function that is not Python's has neither file nor line."""
    if (Path(file).name, name) == _LOOP:
        return "uvloop, the event loop itself"
    return f"{'/'.join(Path(file).parts[-2:])}:{line} {name}" if line else name
