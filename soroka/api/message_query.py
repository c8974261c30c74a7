"""Which messages a list shows."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers

from soroka.api.fields import Id
from soroka.api.ledger import of_client, of_mailing, require_kept, where_held
from soroka.api.message_shapes import REASONS, STATUSES
from soroka.api.parameters import Query
from soroka.domain.message import Status
from soroka.models import Message


class OutcomeQuery(Query):
    """The messages of one mailing or one client, by what became of them."""

    status = serializers.ChoiceField(choices=list(STATUSES), required=False)
    reason = serializers.ChoiceField(choices=list(REASONS), required=False)

    def narrow(self, rows: QuerySet[Message]) -> QuerySet[Message]:
        """Those of the messages that were asked for."""
        asked = self.validated_data
        if "status" in asked:
            rows = rows.filter(status=STATUSES[asked["status"]])
        if "reason" in asked:
            rows = rows.filter(status=Status.NOT_SENT, reason=REASONS[asked["reason"]])
        return rows


class PagedOutcomeQuery(OutcomeQuery):
    """The same for pages, of which each is to be there soon, however rare is what was asked for."""

    def narrow(self, rows: QuerySet[Message]) -> QuerySet[Message]:
        """Those of the messages that were asked for, looked for in the batches that have any."""
        asked, view = self.validated_data, self.context["view"].kwargs
        narrowed = super().narrow(rows)
        if "client" in asked or "client_id" in view:
            return narrowed  # few, by their ids
        for name, outcome in (("status", STATUSES), ("reason", REASONS)):
            if name in asked:
                narrowed = where_held(narrowed, outcome[asked[name]], asked.get("mailing", view.get("mailing_id")))
        return narrowed


class MessageQuery(PagedOutcomeQuery):
    """All messages: ``reason`` needs ``mailing``, for there is no index that finds reasons in the whole ledger."""

    mailing = Id(required=False)
    client = Id(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A reason is asked for within a mailing."""
        if "reason" in attrs and "mailing" not in attrs:
            raise serializers.ValidationError({"reason": _("Say which mailing as well.")}, code="needs_mailing")
        return attrs

    def narrow(self, rows: QuerySet[Message]) -> QuerySet[Message]:
        """Those of the messages that were asked for."""
        asked = self.validated_data
        if "mailing" in asked:
            require_kept(asked["mailing"])
            rows = of_mailing(rows, asked["mailing"])
        if "client" in asked:
            rows = of_client(rows, asked["client"])
        return super().narrow(rows)
