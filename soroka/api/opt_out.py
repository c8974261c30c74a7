from collections.abc import Callable
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from soroka.api.clients import ClientSerializer
from soroka.api.fields import Text
from soroka.consent.ledger import LONGEST_SOURCE, LONGEST_WORDING, Origin
from soroka.consent.opting import opt_in, opt_out
from soroka.models import Client
from soroka.models.consent import Channel


class OptOutSerializer(serializers.Serializer[Any]):
    """Where the client said so, and in which words, as far as that is known."""

    source = Text(max_length=LONGEST_SOURCE, allow_blank=True, default="")  # type: ignore[assignment]
    wording = Text(max_length=LONGEST_WORDING, allow_blank=True, default="", style={"base_template": "textarea.html"})


class OptInSerializer(serializers.Serializer[Any]):
    """The consent: where it was given, and the words that were agreed to."""

    source = Text(  # type: ignore[assignment]
        max_length=LONGEST_SOURCE, help_text="Where the client gave it: a form, a contract, a call."
    )
    wording = Text(
        max_length=LONGEST_WORDING,
        style={"base_template": "textarea.html"},
        help_text="The words that the client agreed to.",
    )


class Opting(GenericAPIView[Client]):
    """Answers with the client as he is then. What is so already stays so, and is a 200 too."""

    opt: Callable[[int, Origin], bool]

    @extend_schema(responses=ClientSerializer)
    def post(self, request: Request, client_id: int) -> Response:  # described by its view
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            type(self).opt(client_id, Origin(Channel.API, request.user.get_username(), **asked.validated_data))
        except Client.DoesNotExist:
            raise Http404 from None
        client = Client.objects.select_related("zone").get(pk=client_id)
        return Response(ClientSerializer(client).data)


class OptOut(Opting):
    """Write to a client no more: what was not offered yet is withdrawn, and his phone is suppressed."""

    serializer_class = OptOutSerializer
    opt = staticmethod(opt_out)


class OptIn(Opting):
    """Write to a client again, with his consent on record; what was withdrawn stays withdrawn."""

    serializer_class = OptInSerializer
    opt = staticmethod(opt_in)
