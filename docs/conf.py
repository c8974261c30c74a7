"""How the site is made of these pages: `make docs`, which is Sphinx with MyST (ADR 43).

The pages are plain Markdown that a repository shows as it stands. The source of the site is the whole checkout, so that
a link to README.md leads to a page, and one to a file of deploy hands it out.
"""

import re
from typing import Any

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

project = "Soroka"
author = "Soroka"
extensions = ["myst_parser"]
root_doc = "docs/index"
include_patterns = ["README*.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/**.md"]
exclude_patterns = [".*", "build", "dist", "var", "samples", "soroka", "tests", "**/__pycache__"]
nitpicky = True
smartquotes = False  # an option begins with two hyphens, not with a dash
myst_heading_anchors = 6

html_theme = "furo"
html_title = "Soroka"
html_logo = "../soroka/static/soroka/favicon.svg"
html_favicon = "../soroka/static/soroka/favicon.svg"
html_copy_source = False
html_use_index = False
templates_path = ["site/templates"]
html_static_path = ["site/static"]
html_css_files = ["site.css"]
html_additional_pages = {"index": "index.html"}  # who opens the folder gets to docs/index.html

LISTS = re.compile(r"^## (.+)\n((?:(?!## ).*\n)+)", re.MULTILINE)
PAGE = re.compile(r"^- \[([^]]+)\]\(([^)#]+)\.md\)", re.MULTILINE)
TREE = "\n```{{toctree}}\n:hidden:\n:caption: {0}\n\n{1}\n```\n"
DECISIONS = "\n```{toctree}\n:glob:\n:maxdepth: 1\n\n[0-9]*\n```\n"


def navigate(app: Sphinx, docname: str, source: list[str]) -> None:
    """The lists of index.md are the navigation; the page of decisions lists all that are beside it."""
    if docname == root_doc:
        source[0] += "".join(TREE.format(of, tree(pages)) for of, pages in LISTS.findall(source[0]))
    elif docname == "docs/adr/README":
        source[0] += DECISIONS


def tree(pages: str) -> str:
    """The pages of a list, each under the name that it has there."""
    return "\n".join(f"{name} <{page}>" for name, page in PAGE.findall(pages))


def help_readers(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Who has a page read aloud is told that it is Russian, and how deep the headings of the navigation are."""
    if pagename.endswith(".ru"):
        context["language"] = "ru"
    navigation = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = navigation.replace('role="heading"', 'role="heading" aria-level="2"')


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.add_lexer("mermaid", TextLexer)  # a repository draws it; here its words are shown
    app.connect("source-read", navigate)
    app.connect("html-page-context", help_readers, priority=900)  # after the theme
