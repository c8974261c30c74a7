"""What is written in README, CONTRIBUTING and docs: blocks of code, and code within sentences."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
#: The language of blocks that are run.
SHELL = "sh"
#: Follows the language of a block that shows what the block before it prints.
OUTPUT = "output"
_PARSER = MarkdownIt("commonmark").enable("table")


class Block(NamedTuple):
    """line: of its first fence.  section: how many headings come before it.  language: as the fence names it."""

    page: Path
    line: int
    section: int
    language: str
    text: str
    is_output: bool

    @property
    def place(self) -> str:
        """Where a person finds it."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    """All of them, in order."""
    return [*sorted(ROOT.glob("*.md")), *sorted(path for path in DOCS.rglob("*.md") if "_build" not in path.parts)]


def blocks(page: Path) -> Iterator[Block]:
    """Every fenced block of a page."""
    section = 0
    for token in _PARSER.parse(page.read_text()):
        section += token.type == "heading_open"
        if token.type == "fence":
            language, _, more = token.info.partition(" ")
            yield Block(page, token.map[0] + 1, section, language, token.content, more == OUTPUT)


def spans(page: Path) -> Iterator[str]:
    """Every piece of code within a sentence or a table."""
    for token in _PARSER.parse(page.read_text()):
        yield from (child.content for child in token.children or () if child.type == "code_inline")
