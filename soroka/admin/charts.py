"""The data of charts, as static/soroka/charts.js draws them."""

import json
from collections.abc import Sequence
from typing import Any, Protocol

from django.utils.translation import gettext as _


class Settled(Protocol):
    """What was settled in a stretch of time."""

    @property
    def delivered(self) -> int: ...
    @property
    def not_sent(self) -> int: ...


def settled_chart(labels: Sequence[str], periods: Sequence[Settled], *lines: dict[str, Any]) -> str:
    """Bars of what was delivered, and on top of it what was not sent. lines: further series, drawn over them."""
    series = [
        (_("Delivered"), "--color-delivered", [each.delivered for each in periods]),
        (_("Not sent"), "--color-not-sent", [each.not_sent for each in periods]),
    ]
    datasets = [
        {"label": label, "data": numbers, "backgroundColor": f"var({colour})", "stack": "all"}
        for label, colour, numbers in series
    ]
    return json.dumps({"labels": list(labels), "datasets": [*datasets, *lines]})
