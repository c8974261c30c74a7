"""Messages as they are read: with what batch and mailing say of them, and by the indexes there are."""

from django.db.models import Exists, Max, Min, OuterRef, Prefetch, QuerySet, Subquery

from soroka.models import Attempt, Batch, Mailing, Message


def ledger() -> QuerySet[Message]:
    """Messages with all that is shown of them: three queries for a page, whatever its size.

    Adds ``planned_at``, ``due_at`` and ``expires_at`` of the message's batch, found by one probe of its index. What is
    in no batch, because its mailing is just being planned anew, or has been removed, is as good as gone.
    """
    batch = Batch.objects.filter(mailing=OuterRef("mailing"), id_from__lte=OuterRef("pk")).order_by("-id_from")
    kept = Exists(Mailing.objects.filter(pk=OuterRef("mailing")))
    messages = Message.objects.select_related("gateway").annotate(
        planned_at=Subquery(batch.values("created_at")[:1]),
        due_at=Subquery(batch.values("due_at")[:1]),
        expires_at=Subquery(batch.values("expires_at")[:1]),
    )
    return messages.filter(kept, planned_at__isnull=False).prefetch_related(
        Prefetch("mailing", Mailing.objects.select_related("gateway").only("text", "starts_at", "gateway__name")),
        Prefetch("attempts", Attempt.objects.select_related("gateway")),
    )


def of_mailing(messages: QuerySet[Message], mailing_id: int) -> QuerySet[Message]:
    """Those of one mailing. Its batches bound their ids, so that a page is read from the primary key in order."""
    bounds = Batch.objects.filter(mailing=mailing_id).aggregate(low=Min("id_from"), high=Max("id_to"))
    if bounds["low"] is None:
        return messages.none()
    return messages.filter(mailing=mailing_id, pk__range=(bounds["low"], bounds["high"]))


def of_client(messages: QuerySet[Message], client_id: int) -> QuerySet[Message]:
    """Those to one client: a probe of the unique index for each mailing, never a walk through the ledger."""
    his = Message.objects.filter(mailing=OuterRef("pk"), client=client_id).order_by().values("pk")
    found = Mailing.objects.order_by().values_list(Subquery(his[:1]), flat=True)
    return messages.filter(pk__in=[pk for pk in found if pk is not None])
