from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str | None:
    """Where a request comes from; None where it has no address, as over a unix socket.

    Behind a proxy it is what that has appended to X-Forwarded-For, the last one: those before it anybody can write.
    """
    told = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY and (forwarded := request.META.get("HTTP_X_FORWARDED_FOR", "")):
        told = forwarded.rpartition(",")[2].strip()
    try:
        return str(ip_address(told))
    except ValueError:
        return None
