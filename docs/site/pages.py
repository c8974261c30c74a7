"""The pages that are written by the code, by their names in docs/reference."""

from collections.abc import Callable
from pathlib import Path

from docs.site import calls, commands, errors, settings
from soroka.metrics import reference

REFERENCE = Path(__file__).parents[1] / "reference"
PAGES: dict[str, Callable[[], str]] = {
    "calls.md": calls.page,
    "commands.md": commands.page,
    "errors.md": errors.page,
    "metrics.md": reference.page,
    "settings.md": settings.page,
}
