"""Messages as they are read: with what batch and mailing say of them, and by the indexes there are."""

from collections.abc import Collection
from functools import reduce
from operator import or_

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, Max, Min, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from soroka.api.problems import Gone
from soroka.domain.message import BatchState, Reason, Status
from soroka.models import Attempt, Batch, Client, Mailing, Message
from soroka.models.status import without_messages

#: The batch of a message: one probe of its index.
_BATCH = Batch.objects.filter(mailing=OuterRef("mailing"), id_from__lte=OuterRef("pk")).order_by("-id_from")
#: Up to so many batches are looked through one by one; of more of them the first and the last bound the search.
_FEW = 50


def ledger() -> QuerySet[Message]:
    """Messages with all that is shown of them: three queries for a page, whatever its size.

    Adds ``planned_at``, ``due_at`` and ``expires_at``, the client's own deadline, of the message's batch, found by one
    probe of its index. What is in no batch, because its mailing is just being planned anew, or has been removed, is as
    good as gone.
    """
    kept = Exists(Mailing.objects.filter(pk=OuterRef("mailing")))
    messages = Message.objects.select_related("gateway").annotate(
        planned_at=Subquery(_BATCH.values("created_at")[:1]),
        due_at=Subquery(_BATCH.values("due_at")[:1]),
        expires_at=Subquery(_BATCH.values(until=Coalesce("deadline", "expires_at"))[:1]),
    )
    return messages.filter(kept, planned_at__isnull=False).prefetch_related(
        Prefetch(
            "mailing", Mailing.objects.select_related("gateway").only("name", "text", "starts_at", "gateway__name")
        ),
        Prefetch("attempts", Attempt.objects.select_related("gateway")),
    )


def of_mailing(messages: QuerySet[Message], mailing_id: int) -> QuerySet[Message]:
    """Those of one mailing. Its batches bound their ids, so that a page is read from the primary key in order.

    Of one whose messages are being removed by age, those that are left: ``require_kept`` tells.
    """
    bounds = Batch.objects.filter(mailing=mailing_id).aggregate(low=Min("id_from"), high=Max("id_to"))
    if bounds["low"] is None:
        return messages.none()
    return messages.filter(mailing=mailing_id, pk__range=(bounds["low"], bounds["high"]))


def where_held(messages: QuerySet[Message], outcome: Status | Reason, mailing_id: int | None) -> QuerySet[Message]:
    """Messages of the batches that hold any with this outcome, which an index of messages would cost every settle.

    mailing_id: whose they are; None: of all mailings.
    """
    batches = Batch.objects.filter(_holds(outcome)).order_by("id_from")
    if mailing_id is not None:
        batches = batches.filter(mailing=mailing_id)
    return _within(messages, batches)


def of_zone(messages: QuerySet[Message], zone: str, mailing_id: int) -> QuerySet[Message]:
    """Messages of a mailing to the clients of a time zone. zone: its name."""
    batches = Batch.objects.filter(mailing=mailing_id, zone__name=zone).order_by("id_from")
    own = batches.filter(id_from__lte=OuterRef("pk"), id_to__gte=OuterRef("pk")).order_by()
    return _within(messages, batches).filter(Exists(own), mailing=mailing_id)


def _within(messages: QuerySet[Message], batches: QuerySet[Batch]) -> QuerySet[Message]:
    """Messages of the batches where these are few, else of those from the first to the last."""
    few = list(batches.values_list("id_from", "id_to")[: _FEW + 1])
    if not few:
        return messages.none()
    if len(few) <= _FEW:
        return messages.filter(reduce(or_, (Q(pk__range=ids) for ids in few)))
    bounds = batches.order_by().aggregate(low=Min("id_from"), high=Max("id_to"))
    return messages.filter(pk__range=(bounds["low"], bounds["high"]))


def _holds(outcome: Status | Reason) -> Q:
    """What is true of a batch by its counts. The reasons are kept once it is closed."""
    if isinstance(outcome, Reason):
        return Q(not_sent__gt=0) & (Q(breakdown=None) | Q(breakdown__reasons__has_key=outcome.slug))
    match outcome:
        case Status.IN_PROCESS:
            return ~Q(state=BatchState.CLOSED) & Q(total__gt=F("delivered") + F("not_sent"))
        case Status.DELIVERED:
            return Q(delivered__gt=0)
    return Q(not_sent__gt=0)


def of_client(messages: QuerySet[Message], client_id: int) -> QuerySet[Message]:
    """Those to one client: a probe of the unique index for each mailing, never a walk through the ledger."""
    his = Message.objects.filter(mailing=OuterRef("pk"), client=client_id).order_by().values("pk")
    found = Mailing.objects.order_by().values_list(Subquery(his[:1]), flat=True)
    return messages.filter(pk__in=[pk for pk in found if pk is not None])


def ids_of_person(client: Client, others: Collection[int]) -> list[int]:
    """The ids of all messages to a client, and to his phone where others had it before him; the newest first.

    others: their ids.  Found as ``of_client`` finds them.
    """
    meant = Q(client=client.pk) | Q(phone=client.phone)
    his = Message.objects.filter(meant, mailing=OuterRef("pk"), client__in=[client.pk, *others]).order_by()
    found = Mailing.objects.order_by().values_list(ArraySubquery(his.values("pk")), flat=True)
    return sorted((pk for pks in found for pk in pks), reverse=True)


def with_first_offer(messages: QuerySet[Message]) -> QuerySet[Message]:
    """Adds ``first_offered_at``: of the message's batch."""
    return messages.annotate(first_offered_at=Subquery(_BATCH.values("first_offered_at")[:1]))


def require_kept(mailing_id: int) -> None:
    """Raises Gone where messages of the mailing were removed by age: a list of the rest would look like all."""
    if without_messages([mailing_id]):
        raise Gone
