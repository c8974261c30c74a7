"""Accounts of the machine: who is logged in, and whom PostgreSQL runs as.

It refuses to run as root, and what root owns must be within its reach.
"""

import getpass
import os
import pwd
import subprocess
from pathlib import Path

from soroka.embedded.errors import StackError
from soroka.embedded.program import Account, as_account

#: Where root keeps what a plain user must reach when the checkout or the data folder lies in a closed home.
SHARED_FOLDER = Path("/var/lib/soroka")


def login_name() -> str:
    """Of whoever is logged in; empty where it is not known, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # which of them, the version of Python says
        return ""


def database_account(folder: Path) -> Account | None:
    """None where we are not root; else the owner of ``folder`` where that is a plain user; else ``nobody``."""
    if os.geteuid() != 0:
        return None
    if folder.exists() and (owner := folder.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise StackError("PostgreSQL cannot run as root and there is no user `nobody`; start as another user") from None
    return Account(nobody.pw_uid, nobody.pw_gid)


def can_enter(account: Account | None, folder: Path) -> bool:
    """Whether ``account`` passes every folder on the way into ``folder``. Asked of the kernel, as that user."""
    if account is None:
        return os.access(folder, os.X_OK)
    test = ["sh", "-c", 'test -x "$0"', str(folder)]
    return subprocess.run(test, cwd="/", check=False, timeout=10, **as_account(account)).returncode == 0
