"""Why a client is in a mailing or not, as it is told."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from soroka.api.fields import Id
from soroka.api.filter_words import part_words
from soroka.api.message_shapes import REASONS
from soroka.api.parameters import Query
from soroka.api.words import OBSTACLE, REASON_AT_LENGTH, VERDICT
from soroka.audience.why import Fate, Obstacle, Part, Verdict, Why

VERDICTS = [verdict.value for verdict in Verdict]
#: Of a message that was not sent, and of a client who was not chosen.
WHYS = [*dict.fromkeys([*REASONS, *(obstacle.value for obstacle in Obstacle)])]

Seen = serializers.Serializer[Any]


class WhyQuery(Query):
    """In which mailing."""

    mailing = Id()

    @classmethod
    def mailing_of(cls, request: Request) -> int:
        """Its number. Raises ValidationError."""
        query = cls(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        return int(query.validated_data["mailing"])


class PartSerializer(Seen):
    """A part of the filter, and whether the client meets it now; ``path`` says where in the filter it stands."""

    path = serializers.CharField()
    passed = serializers.BooleanField()
    words = serializers.CharField()


class StepSerializer(Seen):
    """A step of a message's story. ``at`` is null where it has no moment; ``ahead``: it has not happened yet."""

    at = serializers.DateTimeField(allow_null=True)
    title = serializers.CharField()
    detail = serializers.CharField()
    ahead = serializers.BooleanField()


class WhySerializer(Seen):
    """Whether and why a client is in a mailing."""

    client = serializers.IntegerField()
    mailing = serializers.IntegerField()
    chosen = serializers.BooleanField()
    verdict = serializers.ChoiceField(choices=VERDICTS)
    reason = serializers.ChoiceField(choices=WHYS, allow_null=True)
    words = serializers.CharField()
    fits_now = serializers.BooleanField()
    because = PartSerializer(many=True)
    message = serializers.IntegerField(allow_null=True)
    story = StepSerializer(many=True)


class FateSerializer(Seen):
    """How many clients have a verdict and a reason."""

    verdict = serializers.ChoiceField(choices=VERDICTS)
    reason = serializers.ChoiceField(choices=WHYS, allow_null=True)
    words = serializers.CharField()
    clients = serializers.IntegerField()


class FatesSerializer(Seen):
    """The verdicts of all clients of a segment, the most frequent first."""

    clients = serializers.SerializerMethodField()
    verdicts = serializers.SerializerMethodField()

    def get_clients(self, found: dict[Fate, int]) -> int:
        """The sum: everybody who matches the segment, who opted out as well."""
        return sum(found.values())

    @extend_schema_field(FateSerializer(many=True))
    def get_verdicts(self, found: dict[Fate, int]) -> Any:
        """Verdict, reason and number."""
        most_first = sorted(found.items(), key=lambda item: -item[1])
        rows = [told_fate(fate) | {"clients": clients} for fate, clients in most_first]
        return FateSerializer(rows, many=True).data


def told_fate(fate: Fate) -> dict[str, Any]:
    """Verdict and reason, and the two in words."""
    return {"verdict": fate.verdict, "reason": fate.reason, "words": fate_words(fate)}


def fate_words(fate: Fate) -> str:
    """A sentence."""
    match fate.verdict:
        case Verdict.NOT_SENT:
            return str(REASON_AT_LENGTH[REASONS[str(fate.reason)]])
        case Verdict.NOT_CHOSEN:
            return str(OBSTACLE[Obstacle(str(fate.reason))])
        case verdict:
            return str(VERDICT[verdict])


def told_parts(why: Why, names: Mapping[int, str]) -> list[dict[str, Any]]:
    """What is asked of a client, and whether he meets it now: first what is asked of everybody, then the filter.

    names: of the tags of the filter, by id.
    """
    everybody = [
        {"path": "created_at", "passed": why.known, "words": _("was there when the mailing was made")},
        {"path": "opted_out", "passed": not why.opted_out, "words": _("has not opted out")},
    ]
    return [*everybody, *(_told_part(part, names) for part in why.parts)]


def _told_part(part: Part, names: Mapping[int, str]) -> dict[str, Any]:
    return {"path": part.path, "passed": part.passed, "words": part_words(part.condition, names)}
