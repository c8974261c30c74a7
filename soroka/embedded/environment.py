"""What the programs of an installation are told, and how a command beside them is told the same (ADR 28)."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from soroka.embedded.database_parts import url_of_parts
from soroka.embedded.errors import StackError
from soroka.embedded.files import write_closed
from soroka.embedded.layout import data_folder, is_given

#: Without these nothing can be done.
NEEDED = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")
#: What else has to be the same for all who work on an installation: it decides what a mailing means, or what is kept.
SHARED = (
    "DATABASE_POOL_SIZE",
    "DATABASE_PREPARE",
    "GATEWAY_IDEMPOTENT",
    "GATEWAY_KEYS",
    "GATEWAY_NETWORKS",
    "GATEWAY_URL",
    "HOLIDAYS",
    "OPT_OUT_WORDS",
    "PUBLIC_URL",
    "RETENTION_DAYS",
    "SEND_CAP",
    "SEND_WINDOW",
    "SOROKA_LEASE_SECONDS",
    "SOROKA_PUMPS",
    "SUPPRESSION_KEY",
    "TIME_ZONE",
    "UPLOAD_MAX_BYTES",
)
_KEPT_IN = "environment.json"


def keep_environment(home: Path, told: Mapping[str, str]) -> None:
    """Keep what this start tells its programs: ``told``, and of our own environment what they share.

    Only the owner of the data folder can read it. Relative names of files are those of our working folder.
    """
    kept = {}
    for name in (*NEEDED, *SHARED):
        if name in told:
            kept[name] = told[name]
        elif file := os.environ.get(f"{name}_FILE"):
            kept[f"{name}_FILE"] = str(Path(file).resolve())
        elif name in os.environ:
            kept[name] = os.environ[name]
    write_closed(home / _KEPT_IN, json.dumps(kept, indent=2))


def join_installation() -> None:
    """Complete our environment by that of the installation in SOROKA_HOME, unless it names one itself.

    What our environment says holds. In a container the parts of the database's address are put together.
    Raises StackError, which says what to do.
    """
    if not is_given("DATABASE_URL") and (url := url_of_parts()):
        os.environ["DATABASE_URL"] = url
    missing = [name for name in NEEDED if not is_given(name)]
    if not missing:
        return
    for name, value in _kept_environment(data_folder(), missing).items():
        variable = name.removesuffix("_FILE")
        said = is_given(variable) if variable in NEEDED else {variable, f"{variable}_FILE"} & os.environ.keys()
        if not said:
            os.environ[name] = value


def _kept_environment(home: Path, missing: list[str]) -> dict[str, str]:
    path = home / _KEPT_IN
    try:
        kept: dict[str, str] = json.loads(path.read_text())
    except FileNotFoundError:
        raise StackError(_nothing_at(home, missing)) from None
    except PermissionError:
        raise StackError(f"{home} belongs to another user: call the command as that user, or as root.") from None
    except (OSError, ValueError) as error:
        raise StackError(f"cannot read {path}: {error}. The next start of Soroka makes it anew.") from error
    return kept


def _nothing_at(home: Path, missing: list[str]) -> str:
    if (home / "secrets.json").exists():
        return f"{home} holds an installation that this Soroka has not started yet. Start it once: `soroka up`."
    names = ", ".join(missing[:-1]) + " and " * (len(missing) > 1) + missing[-1]
    return (
        f"there is no installation in {home}. Set SOROKA_HOME to the data folder of one, or start one with "
        f"`soroka up`, or set {names} to those of a running service."
    )
