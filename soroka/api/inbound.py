"""Replies of clients, as gateways hand them in."""

import logging
import time
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from soroka.api.fields import Phone, Text
from soroka.api.problems import TooLarge
from soroka.consent.ledger import Origin
from soroka.consent.opting import opt_out_phone
from soroka.domain.opt_out_words import opt_out_word
from soroka.domain.signature import is_signed
from soroka.models import Gateway
from soroka.models.consent import Channel
from soroka.models.gateway import UnreadableToken

MOST_BYTES = 64 * 1024
TIMESTAMP, SIGNATURE = "X-Soroka-Timestamp", "X-Soroka-Signature"
log = logging.getLogger(__name__)


class BadSignature(APIException):
    """The same whatever is wrong: a stranger learns of no gateway whether it is there."""

    status_code = HTTPStatus.UNAUTHORIZED
    default_detail = _("There is no such gateway, it takes no replies, or this one is not signed by it just now.")
    default_code = "bad_signature"
    auth_header = "Signature"


class InboundSerializer(serializers.Serializer[Any]):
    """What somebody wrote back."""

    phone = Phone()
    text = Text(allow_blank=True)


class HeardSerializer(serializers.Serializer[Any]):
    """What came of it. ``word``: the word that opts out, null where there is none; ``done``: it changed something."""

    word = serializers.CharField(allow_null=True)
    done = serializers.BooleanField()


class Inbound(GenericAPIView[Gateway]):
    """A reply. A word that opts out suppresses the phone, whoever has it; of any other nothing is kept."""

    authentication_classes = []
    permission_classes = [AllowAny]
    serializer_class = InboundSerializer

    @extend_schema(
        responses=HeardSerializer,
        parameters=[
            OpenApiParameter(TIMESTAMP, int, OpenApiParameter.HEADER, required=True, description="Unix time, seconds."),
            OpenApiParameter(
                SIGNATURE,
                str,
                OpenApiParameter.HEADER,
                required=True,
                description="HMAC-SHA256 over the timestamp, a dot and the body, by the gateway's secret; in hex.",
            ),
        ],
    )
    def post(self, request: Request, name: str) -> Response:  # described by its view
        _check(request, name)  # before anything of the body is understood
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        word = opt_out_word(asked.validated_data["text"], settings.OPT_OUT_WORDS)
        done = word is not None and opt_out_phone(
            asked.validated_data["phone"], Origin(Channel.INBOUND, source=name, wording=word)
        )
        return Response({"word": word, "done": done})


def _check(request: Request, name: str) -> None:
    """Raises TooLarge, BadSignature."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise TooLarge
    timestamp, signature = request.headers.get(TIMESTAMP, ""), request.headers.get(SIGNATURE, "")
    if not is_signed(_secret(name), timestamp, signature, request.body, now=time.time()):
        raise BadSignature


def _secret(name: str) -> str:
    """That of a gateway; empty where there is none that can be read."""
    gateway = None if "\0" in name else Gateway.objects.filter(name=name).first()  # PostgreSQL takes no such text
    try:
        return gateway.read_inbound_secret() if gateway else ""
    except UnreadableToken as error:
        log.warning("%s", error)
        return ""
