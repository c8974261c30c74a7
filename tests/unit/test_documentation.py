"""What README and docs say can be typed: that it is there. tests/acceptance/test_documentation.py runs it."""

import re
import shlex
import subprocess
from itertools import pairwise

import click
import pytest
from django.core.management import get_commands

from soroka.cli import main
from tests.acceptance import standins
from tests.acceptance.standins import ELSEWHERE, NOT_RUN
from tests.documentation import DOCS, ROOT, SHELL, blocks, pages, spans

#: Of blocks that are not run. What a page says to type is `sh`.
SHOWN = {"text", "json", "yaml", "ini", "dockerfile", "mermaid"}
#: A variable of the environment, as a file of them has it.
SETTING = re.compile(r"^([A-Z][A-Z_]+)=", re.MULTILINE)
BLOCKS = [block for page in pages() for block in blocks(page)]
COMMANDS = [block for block in BLOCKS if block.language == SHELL]
#: What stands in a sentence and begins like a command, but for one with dots in the place of something.
SPANS = {
    (span, page) for page in pages() if page.name != "CHANGELOG.md" for span in spans(page)
    if span.startswith(("soroka ", "make ")) and "..." not in span
}  # fmt: skip


def test_every_block_says_what_it_is():
    assert not [block.place for block in BLOCKS if block.language not in SHOWN | {SHELL}]


def test_an_output_follows_the_command_that_prints_it():
    for before, block in pairwise(BLOCKS):
        if block.is_output:
            assert (before.page, before.language) == (block.page, SHELL), block.place


def test_the_secret_that_is_made_has_what_the_chart_mounts(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    [told] = [block.text.replace("\\\n", "") for block in COMMANDS if "create secret" in block.text]
    _kubectl, *words = shlex.split(told[told.index("kubectl -n soroka create secret") :])
    assert standins.main("kubectl", words) == 0
    assert standins.main("kubectl", [word.replace("=REDIS_URL=", "=VALKEY_URL=") for word in words]) == 1
    assert "['REDIS_URL', 'VALKEY_URL']" in capsys.readouterr().err


def test_settings_that_are_shown_are_there():
    known = set(re.findall(r"^\| `([A-Z_]+)`", (DOCS / "reference" / "settings.md").read_text(), re.MULTILINE))
    shown = {name for block in BLOCKS if block.language == "ini" for name in SETTING.findall(block.text)}
    assert shown
    assert not shown - known


@pytest.mark.parametrize("words", NOT_RUN)
def test_what_is_not_run_is_in_the_documents(words):
    wanted = re.compile(r"(?<![\w/-])" + ".*?".join(rf"\b{word}\b" for word in words.split()))
    assert any(wanted.search(block.text) for block in COMMANDS)


@pytest.mark.parametrize("beginning", ELSEWHERE)
def test_a_block_that_another_test_runs_is_in_the_documents(beginning):
    texts = [block.text for block in COMMANDS if block.text.startswith(beginning)]
    assert texts
    for text in texts:
        done = subprocess.run(["bash", "-n"], input=text, stderr=subprocess.PIPE, text=True, check=False, timeout=30)
        assert done.returncode == 0, done.stderr


def test_commands_in_sentences_are_there():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for span, page in sorted(SPANS):
        program, *words = shlex.split(span, comments=True)
        assert not (unknown(words) if program == "soroka" else {words[0]} - targets), f"{page}: {span}"


@pytest.mark.parametrize(
    "span", ["mailing wach 1", "mailing watch 1 --evry 2", "manage make_key", "mailing list --all"]
)
def test_one_that_is_not_there_is_seen(span):
    assert unknown(span.split())


def unknown(words):
    """Commands and options among them that `soroka` does not have."""
    command = main
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name, *words = words
        found = command.get_command(click.Context(command), name)
        if found is None:
            return [name]
        command = found
    if command.name == "manage":
        return [word for word in words[:1] if word not in {*get_commands(), "help"}]
    options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    passed_on = command.context_settings.get("ignore_unknown_options")
    return [word for word in words if word.startswith("--") and word.split("=")[0] not in options and not passed_on]
