"""The environment as settings read it."""

import environ
from environ.fileaware_mapping import FileAwareMapping


class Variables(FileAwareMapping):  # type: ignore[misc]
    """``NAME``, or what the file named by ``NAME_FILE`` holds now: a secret that was replaced counts at once.

    The end of a file's last line is no part of the value.
    """

    def __init__(self) -> None:
        super().__init__(cache=False)

    def __getitem__(self, key: str) -> str:
        value: str = super().__getitem__(key)
        return value.rstrip("\r\n")


env = environ.Env()
env.ENVIRON = Variables()
