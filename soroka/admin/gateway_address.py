from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from pyreqwest.http import Url

from soroka.dispatch.whereabouts import Forbidden, check_address


def check_gateway_address(url: str) -> None:
    """Judge the address of a gateway as it is entered; it is judged again whenever it is called.

    Raises ValidationError.
    """
    try:
        parsed = Url.parse(url)
    except ValueError:
        raise ValidationError(_("This is no address. It is written like https://gateway.example")) from None
    if parsed.scheme not in {"http", "https"}:
        raise ValidationError(_("The address must begin with http:// or https://."))
    if parsed.username or parsed.password or parsed.query_string is not None or parsed.fragment is not None:
        raise ValidationError(_("The address takes no user, password, query or fragment; the token is entered below."))
    try:
        check_address(url)
    except Forbidden as found:
        raise ValidationError(
            _(
                "%(host)s leads to %(address)s, which is no address of the internet. If it is meant, whoever runs "
                "Soroka names its network in GATEWAY_NETWORKS."
            ),
            params={"host": found.host, "address": found.address},
        ) from None
