"""What an API key may be confined to, within what its role may do."""

from collections.abc import Collection

#: The first part of an address, and what it is called in a scope.
RESOURCES = {
    "clients": "clients",
    "gateways": "gateways",
    "mailing-statistics": "statistics",
    "mailings": "mailings",
    "messages": "messages",
    "segments": "segments",
    "tags": "tags",
}
#: ``clients:read`` and so on; who may write may read as well. Messages and statistics are only read.
SCOPES = tuple(
    f"{resource}:{verb}"
    for resource in sorted(RESOURCES.values())
    for verb in ("read", "write")
    if verb == "read" or resource not in ("messages", "statistics")
)


def is_within(scopes: Collection[str], path: str, *, writes: bool) -> bool:
    """Whether a key of these scopes may call an address; one without scopes is confined by its role alone.

    path: of the request, with its slash at the beginning. The root, which only names the others, is open to all.
    """
    first = path.strip("/").partition("/")[0]
    if not scopes or (not first and not writes):
        return True
    resource = RESOURCES.get(first)
    return f"{resource}:write" in scopes or (not writes and f"{resource}:read" in scopes)
