"""The secrets that an installation makes for itself at its first start."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from soroka.embedded.errors import StackError


@dataclass(frozen=True, slots=True)
class Credentials:
    """secret_key: Django's.  gateway_secret: what the simulated gateway's tokens are signed with (HS256)."""

    secret_key: str
    admin_password: str
    flower_password: str
    gateway_secret: str


def load_credentials(home: Path) -> Credentials:
    """Those of the data folder; made at its first start and kept in ``secrets.json``, readable by its owner only.

    SOROKA_ADMIN_PASSWORD is kept as the administrator's password when they are made. Raises StackError.
    """
    path = home / "secrets.json"
    if not path.exists():
        made = _make()
        _write(path, made)
        return made
    try:
        return Credentials(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise StackError(f"cannot read {path}: {error}. Restore it, or remove it to have new secrets made") from error


def _make() -> Credentials:
    return Credentials(
        secret_key=secrets.token_urlsafe(48),
        admin_password=os.environ.get("SOROKA_ADMIN_PASSWORD") or secrets.token_urlsafe(12),
        flower_password=secrets.token_urlsafe(12),
        gateway_secret=secrets.token_urlsafe(32),
    )


def _write(path: Path, credentials: Credentials) -> None:
    making = path.with_suffix(".making")
    making.unlink(missing_ok=True)
    descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(credentials), file, indent=2)
        file.flush()
        os.fsync(descriptor)
    making.rename(path)
