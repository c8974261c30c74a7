"""A filter as a condition of Django's own queries."""

import re

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from soroka.audience.filter import Filter

_TAKES = "EXISTS (SELECT FROM soroka_client c WHERE c.id = soroka_client.id AND {where})"
_NAMED = re.compile(r"%\((\w+)\)s")


def taken_by(audience: Filter) -> RawSQL:
    """What ``Client.objects.filter`` needs to find those whom the filter takes now."""
    where, values = audience.where()
    in_order = [values[name] for name in _NAMED.findall(where)]
    return RawSQL(_TAKES.format(where=_NAMED.sub("%s", where)), in_order, output_field=BooleanField())  # noqa: S611
