import pytest

from soroka.bench.documents import Result
from soroka.bench.figures import Row, Share, at_least, at_most


@pytest.fixture
def result():
    """A run with a target that is met, one that is missed, a row without one, and all that is written beside them."""
    return Result(
        made_at="2026-11-24 10:00 UTC",
        command="soroka bench --runs 3",
        scale=1.0,
        runs=3,
        machine={"CPU": "a processor", "cores": "2"},
        versions={"Python": "3.11.7"},
        settings={"fsync": "on"},
        rows=[
            Row("delivery", "end to end / bare", "ratio", (0.9, 0.7, 0.81), at_least(0.8)),
            Row("planning", "the request answers", "s", (3.5, 2.5, 4.5), at_most(3)),
            Row("delivery", "bare client", "calls/s", (21_000.0, 25_417.0, 23_000.0)),
        ],
        seconds={"delivery": 61.4, "planning": 9.0},
        notes=["The machine was not quiet."],
        profiles={"http": [Share(43.21, "delivery/engine.py:210 _send")]},
    )
