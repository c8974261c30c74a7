"""Gateways as a mailing names them."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from soroka.api.fields import Text
from soroka.models import Gateway

LONGEST_NAME = 64
MOST_FALLBACKS = 10


class GatewayName(Text):
    """The name of a gateway; its row inside."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_NAME, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Gateway:
        """The gateway's row. Raises ValidationError."""
        name: str = super().run_validation(data)
        if (gateway := Gateway.objects.filter(name=name).first()) is None:
            raise serializers.ValidationError([_no_gateway(name)])
        return gateway


class FallbackNames(serializers.ListField):
    """Names in and out, ids inside, in order. Going out, the names are those in ``context["gateway_names"]``."""

    child = Text(max_length=LONGEST_NAME)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MOST_FALLBACKS, **kwargs)

    def to_internal_value(self, data: Any) -> list[int]:
        """The gateways' ids. Raises ValidationError, with the index of each name that is unknown or there twice."""
        if isinstance(data, list) and len(data) > MOST_FALLBACKS:
            self.fail("max_length", max_length=MOST_FALLBACKS)
        names: list[str] = super().to_internal_value(data)
        found = dict(Gateway.objects.filter(name__in=names).values_list("name", "pk"))
        faults: dict[Any, Any] = {at: [_no_gateway(name)] for at, name in enumerate(names) if name not in found}
        faults |= {at: [_twice(name)] for at, name in enumerate(names) if name in names[:at]}
        if faults:
            raise serializers.ValidationError(faults)
        return [found[name] for name in names]

    def to_representation(self, value: Sequence[int]) -> list[str]:
        """The names. A gateway that was removed since shows its number."""
        names = self.context["gateway_names"]
        return [names.get(gateway_id, f"#{gateway_id}") for gateway_id in value]


def gateway_names(gateway_ids: Iterable[int]) -> dict[int, str]:
    """The names of those gateways that exist."""
    return dict(Gateway.objects.filter(pk__in=set(gateway_ids)).values_list("pk", "name"))


def _no_gateway(name: str) -> ErrorDetail:
    return ErrorDetail(_("There is no gateway {name!r}.").format(name=name), code="unknown_gateway")


def _twice(name: str) -> ErrorDetail:
    return ErrorDetail(_("The gateway {name!r} is named twice.").format(name=name), code="repeated")
