"""The secrets that an installation makes for itself at its first start."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from soroka.embedded.errors import StackError
from soroka.embedded.files import write_closed


@dataclass(frozen=True, slots=True)
class Credentials:
    """secret_key: Django's.  gateway_secret: what the simulated gateway's tokens are signed with (HS256).

    gateway_key: what the gateways' secrets in the database are sealed with.
    """

    secret_key: str
    admin_password: str
    flower_password: str
    gateway_secret: str
    gateway_key: str


def load_credentials(home: Path) -> Credentials:
    """Those of the data folder; made at its first start and kept in ``secrets.json``, readable by its owner only.

    SOROKA_ADMIN_PASSWORD is kept as the administrator's password when they are made. Raises StackError.
    """
    path = home / "secrets.json"
    if not path.exists():
        return _kept(path, _make())
    try:
        kept = json.loads(path.read_text())
        if isinstance(kept, dict) and kept and "gateway_key" not in kept:  # an older release made them
            return _kept(path, Credentials(**kept, gateway_key=_key()))
        return Credentials(**kept)
    except (OSError, ValueError, TypeError) as error:
        raise StackError(f"cannot read {path}: {error}. Restore it, or remove it to have new secrets made") from error


def _kept(path: Path, credentials: Credentials) -> Credentials:
    write_closed(path, json.dumps(asdict(credentials), indent=2))
    return credentials


def _key() -> str:
    return secrets.token_urlsafe(32)


def _make() -> Credentials:
    return Credentials(
        secret_key=secrets.token_urlsafe(48),
        admin_password=os.environ.get("SOROKA_ADMIN_PASSWORD") or secrets.token_urlsafe(12),
        flower_password=secrets.token_urlsafe(12),
        gateway_secret=_key(),
        gateway_key=_key(),
    )
