"""The states of a message, a batch and a mailing, each said once."""

from enum import IntEnum, StrEnum


class Status(IntEnum):
    """What the world may know of a message."""

    #: It waits, is being offered, or is in doubt.
    IN_PROCESS = 0
    #: The gateway accepted it.
    DELIVERED = 1
    #: It will not be offered again; ``Reason`` says why.
    NOT_SENT = 2

    @property
    def slug(self) -> str:
        """The word of the HTTP contract: ``in_process``, ``delivered``, ``not_sent``."""
        return self.name.lower()


class Reason(IntEnum):
    """Why a message is not sent. Every ``NOT_SENT`` message has exactly one.

    An ``IN_PROCESS`` message has none, but for ``UNKNOWN``: then it is in doubt, which it keeps until it is
    delivered or ends as ``UNKNOWN``.
    """

    #: The gateway refused it for good.
    REJECTED = 1
    #: Its tries are used up.
    EXHAUSTED = 2
    #: Its deadline passed before it was offered.
    EXPIRED = 3
    #: The mailing was cancelled before it was offered.
    WITHDRAWN = 4
    #: The client opted out before it was offered.
    OPTED_OUT = 5
    #: The client had enough messages already.
    CAPPED = 6
    #: It may have been sent, and nobody can say.
    UNKNOWN = 7
    #: It cannot be rendered or addressed.
    INVALID = 8

    @property
    def slug(self) -> str:
        """The word of the HTTP contract: ``rejected``, ``exhausted`` ..."""
        return self.name.lower()


class BatchState(IntEnum):
    """Where a batch is on its road. A held batch (``held``) keeps its state and is not offered."""

    #: Free to be claimed once ``next_at`` has come.
    READY = 0
    #: A pump holds it until ``lease_until``; only writes that name its owner and epoch count.
    LEASED = 1
    #: What is unsettled in it is about to be closed with the reason in ``closing``.
    CLOSING = 2
    #: Every message in it is settled. Final.
    CLOSED = 3


class MailingStatus(StrEnum):
    """Derived from a mailing's moments; the first that matches, in this order, wins."""

    #: The operator cancelled it.
    CANCELLED = "cancelled"
    #: It was planned whole and every message is settled.
    FINISHED = "finished"
    #: The operator paused it.
    PAUSED = "paused"
    #: Its audience is still being turned into messages.
    PLANNING = "planning"
    #: The first of its clients is due.
    RUNNING = "running"
    #: Nobody is due yet.
    SCHEDULED = "scheduled"


#: Nothing more is offered of a mailing. Of a cancelled one something may still be in flight, or be withdrawn.
OVER = frozenset({MailingStatus.CANCELLED, MailingStatus.FINISHED})
