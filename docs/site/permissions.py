"""Who may call an address: out of docs/reference/permissions.md, of which a test asks the service every cell."""

import re
from functools import cache
from pathlib import Path

_PAGE = Path(__file__).parents[1] / "reference" / "permissions.md"
_ROW = re.compile(r"^\| `(/[^`]*)` \| ([A-Z]+) \| (.+) \|$", re.MULTILINE)
_ROLES = ("nobody", "viewer", "operator", "admin")


def who_may(path: str, method: str) -> str:
    """The roles, in words. Raises KeyError where the page does not know the address."""
    cells = _cells()[_anonymous(path), method]
    if cells[0] == "yes":
        return "everybody, without a credential"
    allowed = [role for role, cell in zip(_ROLES, cells, strict=True) if cell == "yes"]
    return ", ".join(allowed) or "no user: it has a credential of its own"


@cache
def _cells() -> dict[tuple[str, str], list[str]]:
    rows = _ROW.findall(_PAGE.read_text())
    return {(_anonymous(path), method): [cell.strip() for cell in cells.split("|")] for path, method, cells in rows}


def _anonymous(path: str) -> str:
    """Whatever its parameters are called."""
    return re.sub(r"[{<]\w+[}>]", "<>", path)
