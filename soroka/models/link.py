"""The link by which a client opts out, as texts carry it and its page reads it."""

from django.conf import settings

from soroka.domain.opt_out_link import make_token, read_token
from soroka.domain.template import BadTemplate, asks_for
from soroka.models.derived_keys import keys_of

#: What a text calls it: ``{{ opt_out_url }}``.
VARIABLE = "opt_out_url"
_PURPOSE = "opt-out link"
#: The number of no client: his link opts nobody out.
NOBODY = 0


def carries_link(text: str) -> bool:
    """Whether a text has the link in it. Raises BadTemplate."""
    return asks_for(text, VARIABLE)


def link_values(text: str, client_id: int) -> dict[str, str]:
    """What a template sees of it: nothing where it does not ask.

    Raises BadTemplate, also where there is no PUBLIC_URL to make it of: a text never goes out with a gap in its place.
    """
    if not carries_link(text):
        return {}
    if not settings.PUBLIC_URL:
        raise BadTemplate(f"PUBLIC_URL is not set: {VARIABLE} cannot be made.")
    return {VARIABLE: f"{settings.PUBLIC_URL}/u/{make_token(client_id, keys_of(_PURPOSE)[0])}"}


def client_of(token: str) -> int | None:
    """Whose link it is: the number of a client, who may be gone; None where it is none of ours."""
    return read_token(token, keys_of(_PURPOSE))
