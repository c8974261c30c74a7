"""The header ``Idempotency-Key``: a request that may be sent again until its answer has come."""

import json
import re
from hashlib import sha256
from typing import Any, cast

from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from soroka.planning.idempotency import Repeatable

HEADER = "Idempotency-Key"
_KEY = re.compile(r"[\x20-\x7e]{1,255}")
PARAMETER = OpenApiParameter(
    HEADER,
    {"type": "string", "minLength": 1, "maxLength": 255},
    OpenApiParameter.HEADER,
    description="A name for this request, of your own making: sent again within 24 hours it makes no second mailing.",
)


def repeatable(request: Request) -> Repeatable | None:
    """The request by its key; None where it has none. Raises ValidationError."""
    key = request.headers.get(HEADER)
    return None if key is None else named(cast(User, request.user), key, request.data)


def named(user: User, key: str, asked: Any) -> Repeatable:
    """What a user asks for under a key; who asks for the same in another way is answered alike. Raises ValidationError.

    asked: the body of the request.
    """
    if not _KEY.fullmatch(key):
        raise ValidationError({HEADER: _("Must be 1 to 255 printable ASCII characters.")}, code="invalid")
    body = json.dumps(asked, sort_keys=True)
    return Repeatable(user.pk, key, sha256(body.encode()).hexdigest())
