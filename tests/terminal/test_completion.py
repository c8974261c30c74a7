"""Completion, in a real bash and by click's protocol for the others."""

import os
import shlex
import subprocess

import pytest
from django.db import connection

from soroka.audience.filter import Filter
from soroka.models import Gateway, Segment, Tag
from soroka.planning.launch import create_mailing
from soroka.queue.withdraw import pause
from tests.terminal.test_exits import SOROKA

#: What bash does when somebody presses Tab.
TAB = """
eval "$(soroka completion bash)"
COMP_WORDS=({words}); COMP_CWORD={at}
_soroka_completion soroka
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture
def tab(tmp_path):
    """``tab("mailing", "pa")``: what bash suggests, and that nothing is said beside it."""

    def press(*words, **env):
        script = TAB.format(words=" ".join(map(shlex.quote, ["soroka", *words])), at=len(words))
        surroundings = {"PATH": f"{SOROKA.parent}:{os.environ['PATH']}", "SOROKA_HOME": str(tmp_path)} | env
        done = subprocess.run(
            ["bash", "--norc", "-c", script],
            env=surroundings, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        assert done.stderr == ""
        return done.stdout.split()

    return press


@pytest.fixture
def here(transactional_db):
    """The environment that names the database of the tests, with rows that others can see."""
    gateway = Gateway.objects.create(name="default")
    Gateway.objects.create(name="spare")
    Tag.objects.create(name="vip")
    Segment.objects.create(name="few", filter={"everyone": True})
    settings = connection.settings_dict
    url = os.environ["DATABASE_URL"].replace("/postgres?", f"/{settings['NAME']}?")
    env = {"DATABASE_URL": url, "REDIS_URL": os.environ["REDIS_URL"], "SECRET_KEY": os.environ["SECRET_KEY"]}
    mailings = [_mailing(gateway) for _ in range(2)]
    pause(mailings[0].pk)
    return env, mailings


def _mailing(gateway):
    from datetime import UTC, datetime, timedelta

    return create_mailing(
        name="News", text="Good day!", audience=Filter(everyone=True), starts_at=None, local_time=False, user=None,
        ends_at=datetime.now(UTC) + timedelta(hours=1), gateway=gateway,
    )  # fmt: skip


def test_bash_completes_commands_and_options(tab):
    assert tab("mail") == ["mailing"]
    assert {"create", "list", "pause", "resume", "show", "watch"} <= set(tab("mailing", ""))
    assert tab("mailing", "create", "--dry") == ["--dry-run"]
    assert tab("mailing", "create", "--match", "a") == ["any", "all"]


def test_bash_completes_mailings_gateways_and_other_names(tab, here):
    env, (paused, running) = here
    assert set(tab("mailing", "show", "", **env)) == {str(running.pk), str(paused.pk)}
    assert tab("mailing", "resume", "", **env) == [str(paused.pk)]
    assert tab("gateways", "show", "s", **env) == ["spare"]
    assert tab("mailing", "create", "--tag", "", **env) == ["vip"]
    assert tab("mailing", "create", "--segment", "f", **env) == ["few"]


def test_it_is_silent_where_there_is_no_database(tab):
    assert tab("mailing", "show", "") == []
    nobody = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://none", "SECRET_KEY": "any"}
    assert tab("mailing", "show", "", **nobody) == []


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_others_have_a_script_and_helpful_words(soroka, here, shell, tmp_path):
    env, (paused, _) = here
    assert "_SOROKA_COMPLETE" in soroka("completion", shell).stdout
    asked = {"_SOROKA_COMPLETE": f"{shell}_complete", "COMP_WORDS": "soroka mailing resume ", "COMP_CWORD": "3"}
    path = {"PATH": os.environ["PATH"], "SOROKA_HOME": str(tmp_path)}
    if shell == "fish":
        asked["COMP_CWORD"] = ""
    told = subprocess.run([SOROKA], env=path | asked | env, capture_output=True, text=True, timeout=60, check=False)
    assert str(paused.pk) in told.stdout
    assert "News" in told.stdout
