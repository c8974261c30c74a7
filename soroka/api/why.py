from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from soroka.api.shapes import tag_names
from soroka.api.story import story_of
from soroka.api.why_shapes import WhyQuery, WhySerializer, told_fate, told_parts
from soroka.audience.filter import Filter
from soroka.audience.why import why
from soroka.models import Mailing, Message


class ClientWhy(APIView):
    """Whether a client is in a mailing, and why."""

    @extend_schema(parameters=[WhyQuery], responses=WhySerializer)
    def get(self, request: Request, client_id: int) -> Response:
        """What became of his message; of who has none, what kept him from it, by what is known of him now."""
        mailing = get_object_or_404(Mailing, pk=WhyQuery.mailing_of(request))
        if (found := told(client_id, mailing)) is None:
            raise Http404
        return Response(WhySerializer(found).data)


def told(client_id: int, mailing: Mailing) -> dict[str, Any] | None:
    """The body of the answer; None where there is no such client."""
    if (found := why(client_id, mailing)) is None:
        return None
    message = Message.objects.get(pk=found.message) if found.message else None
    names = tag_names(Filter.from_json(mailing.filter).tags)
    return {
        "client": client_id,
        "mailing": mailing.pk,
        "chosen": found.message is not None,
        **told_fate(found.fate),
        "fits_now": found.fits_now,
        "because": told_parts(found, names),
        "message": found.message,
        "story": story_of(message) if message else [],
    }
