"""How what is left of a mailing will go on, by the speed at which it goes now."""

from datetime import datetime, timedelta


def ends_at(
    now: datetime, left: int, speed: float | None, last_due_at: datetime | None, deadline: datetime
) -> datetime | None:
    """When the last of its messages is settled; None where nobody can tell, for nothing is settled just now.

    left: messages.  speed: messages a second.  last_due_at: when the last of those become due that are not yet.
    What is not sent by the deadline is settled then.
    """
    if not speed or not left:
        return None
    try:
        sent = now + timedelta(seconds=left / speed)
    except OverflowError:
        return deadline
    return min(max(sent, last_due_at or sent), deadline)
