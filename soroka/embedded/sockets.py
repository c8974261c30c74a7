"""Where unix sockets lie. Their paths are limited to 107 bytes, which a deep data folder exceeds."""

import os
import tempfile
from pathlib import Path

#: 107 bytes less the longest name of a socket in the folder, `/.s.PGSQL.5432`, and its lock file.
LONGEST_FOLDER = 85


def socket_folder(wanted: Path) -> Path:
    """``wanted``, made if absent and closed to others; where it is too long, a fresh folder in /tmp."""
    if len(os.fsencode(wanted)) > LONGEST_FOLDER:
        return Path(tempfile.mkdtemp(prefix="soroka-", dir="/tmp"))
    wanted.mkdir(parents=True, exist_ok=True)
    wanted.chmod(0o700)
    return wanted
