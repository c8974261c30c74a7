"""What came of messages, counted in the pump and written once a turn: a slice costs microseconds (ADR 34)."""

import logging
from collections import defaultdict

from django.db import Error

from soroka.delivery.ports import Answers
from soroka.domain.lateness import histogram
from soroka.models.meter import Count, Counted, count

log = logging.getLogger(__name__)

#: What this process has counted and not written yet. Only the database thread touches it.
_counted: defaultdict[Count, float] = defaultdict(float)


def settled(gateway_id: int, answers: Answers) -> None:
    """Count what was settled of a slice."""
    if answers.accepted:
        _counted[Count(Counted.OUTCOMES, "accepted", gateway_id)] += len(answers.accepted)
    for verdict in answers.verdicts:
        _counted[Count(Counted.OUTCOMES, verdict.outcome, gateway_id)] += 1
    for place, messages in enumerate(histogram(answers.lateness)):
        if messages:
            _counted[Count(Counted.LATENESS, str(place), gateway_id)] += messages
    if answers.lateness:
        _counted[Count(Counted.LATENESS_SUM, "", gateway_id)] += sum(answers.lateness)


def write() -> None:
    """Write what was counted. Where that fails it is kept for the next turn: nothing is sent later for it."""
    try:
        count(_counted)
    except Error as error:
        log.warning("what was counted could not be written (%s); the next turn tries again", type(error).__name__)
    else:
        _counted.clear()
