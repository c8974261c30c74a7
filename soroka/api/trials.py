from http import HTTPStatus
from typing import Any

from django.contrib.auth.models import User
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from soroka.api.fields import Phone, Sentence, Text
from soroka.api.problems import Conflict
from soroka.api.rate_bound import SECONDS, within_bound
from soroka.api.words import TRIAL
from soroka.dispatch.trial import OptedOut, Trial, send_trial
from soroka.domain.template import LONGEST, is_sendable
from soroka.models import Gateway
from soroka.models.change import Deed
from soroka.models.trail import note

#: A minute, of one user: each may keep a thread of the server waiting for ten seconds.
MOST_OF_USER = 5


class TooManyTrials(APIException):
    """One user tries too often: 429."""

    status_code = HTTPStatus.TOO_MANY_REQUESTS
    default_detail = gettext_lazy("That were many test messages within a minute. Wait for the next one.")
    default_code = "too_many_trials"
    wait = SECONDS


class NewTrialSerializer(serializers.Serializer[Any]):
    """To whom, and what. The text goes out as it is: nothing is filled in."""

    phone = Phone()
    text = Text(max_length=LONGEST, style={"base_template": "textarea.html"})

    def validate_text(self, text: str) -> str:
        """A text that can be sent."""
        if not is_sendable(text):
            raise serializers.ValidationError(_("The text contains control characters."), code="control_characters")
        return text


class TrialSerializer(serializers.Serializer[Trial]):
    """What came of a test message. ``unknown``: it may have been taken, and nobody can say."""

    outcome = serializers.ChoiceField(choices=list(TRIAL))
    detail = Sentence(help_text="Why it was not accepted; else empty.")
    seconds = serializers.FloatField(help_text="From the call to the answer; 0 where none was made.")
    number = serializers.IntegerField(help_text="The id that the gateway got it under. No message has it.")


class GatewayTrial(GenericAPIView[Gateway]):
    """Offer one message to a gateway, outside of any mailing, and say what it answered within ten seconds.

    It keeps to the gateway's rate, is sent even where the gateway is failing or stopped, and changes nothing about how
    it fares. Who has opted out is not written to.
    """

    serializer_class = NewTrialSerializer

    @extend_schema(responses=TrialSerializer)
    def post(self, request: Request, name: str) -> Response:  # described by its view
        if "\0" in name:  # PostgreSQL takes no such text
            raise Http404
        gateway = get_object_or_404(Gateway, name=name)
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        trial = try_gateway(request.user, gateway, **asked.validated_data)  # type: ignore[arg-type]
        return Response(TrialSerializer(trial).data)


def try_gateway(user: User, gateway: Gateway, phone: int, text: str) -> Trial:
    """``send_trial``, a few times a minute a user and entered in the trail. Raises TooManyTrials and Conflict."""
    if not within_bound(f"trial:{user.pk}", MOST_OF_USER):
        raise TooManyTrials
    try:
        trial = send_trial(gateway, phone, text)
    except OptedOut:
        raise Conflict(
            _("This number has opted out: nobody who has is written to, not even for a test."), code="opted_out"
        ) from None
    # Not the whole number: who is erased would stay here.
    said = {"number": trial.number, "phone_ends_in": f"{phone % 100:02}", "outcome": trial.outcome}
    note(Deed.TRIAL, gateway, after=said)
    return trial
