"""The address of the database where it is named in parts, as containers do: DATABASE (postgres), SQL_HOST, SQL_PORT
(5432), SQL_USER, SQL_PASSWORD and SQL_DATABASE. Each may be the content of a file that NAME_FILE names.

In Python, because a password may hold any character and a URL may not. entrypoint.sh runs this file as a program.
"""

import os
import sys
from pathlib import Path
from urllib.parse import quote

from soroka.embedded.errors import StackError


def url_of_parts() -> str | None:
    """What DATABASE_URL should be; None where no parts are named. Raises StackError where one is missing."""
    if not (os.environ.get("DATABASE") or os.environ.get("SQL_HOST")):
        return None
    if (kind := os.environ.get("DATABASE", "postgres")) not in ("postgres", "postgresql"):
        raise StackError(f"DATABASE is {kind}, but Soroka needs PostgreSQL: set it to postgres.")
    host, port = _part("SQL_HOST"), _part("SQL_PORT", "5432")
    if ":" in host:
        host = f"[{host}]"
    user, password, name = (quote(_part(part), safe="") for part in ("SQL_USER", "SQL_PASSWORD", "SQL_DATABASE"))
    return f"postgresql://{user}:{password}@{host}:{port}/{name}"


def _part(name: str, default: str = "") -> str:
    value = os.environ.get(name) or _of_file(name) or default
    if not value:
        raise StackError(f"{name} is not set. Set it, or name the database by DATABASE_URL.")
    return value


def _of_file(name: str) -> str:
    if not (file := os.environ.get(f"{name}_FILE")):
        return ""
    try:
        return Path(file).read_text().rstrip("\r\n")
    except OSError as error:
        raise StackError(f"The file that {name}_FILE names cannot be read: {error.strerror}.") from error


if __name__ == "__main__":
    try:
        print(url_of_parts() or "")
    except StackError as error:
        sys.exit(f"entrypoint: {error}")
