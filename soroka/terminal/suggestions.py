"""What a shell completes: asked of the database without Django, and silent where there is none."""

from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem

#: Seconds that a person at a prompt waits for suggestions at most.
_PATIENCE = 1

Suggest = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

_MAILINGS = """
SELECT id::text, CASE WHEN name = '' THEN left(text, 40) ELSE left(name, 40) END
  FROM soroka_mailing WHERE {condition} AND id::text LIKE %s || '%%' ORDER BY id DESC LIMIT 50
"""
_NAMES = "SELECT {column}, '' FROM {table} WHERE starts_with({column}, %s) ORDER BY 1 LIMIT 50"
_NOT_OVER = "breakdown IS NULL AND cancelled_at IS NULL"


def _suggesting(statement: str) -> Suggest:
    def suggest(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
        return [CompletionItem(value, help=" ".join(words.split())) for value, words in _rows(statement, begun)]

    return suggest


def _rows(statement: str, begun: str) -> list[Any]:
    import environ
    import psycopg

    from soroka.embedded.environment import join_installation

    try:
        join_installation()
        url = environ.FileAwareEnv().str("DATABASE_URL")
        limit = f"-c statement_timeout={_PATIENCE}s"
        with psycopg.connect(url, connect_timeout=2, options=limit) as connection:
            return connection.execute(statement, [begun]).fetchall()
    except Exception:  # whatever it is: nobody asked for words in the middle of a command line
        return []


mailings = _suggesting(_MAILINGS.format(condition="true"))
mailings_under_way = _suggesting(_MAILINGS.format(condition=_NOT_OVER))
paused_mailings = _suggesting(_MAILINGS.format(condition=f"{_NOT_OVER} AND paused_at IS NOT NULL"))
gateways = _suggesting(_NAMES.format(table="soroka_gateway", column="name"))
segments = _suggesting(_NAMES.format(table="soroka_segment", column="name"))
tags = _suggesting(_NAMES.format(table="soroka_tag", column="name"))
users = _suggesting(_NAMES.format(table="auth_user", column="username"))
