"""The environment as settings read it."""

from collections.abc import Callable
from typing import TypeVar

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

Value = TypeVar("Value")


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


def parsed(name: str, parse: Callable[[str], Value]) -> Value:
    """What ``parse`` makes of a variable, or of an empty text where it is not set.

    Raises ImproperlyConfigured with the name, and the words of the ValueError that ``parse`` raises.
    """
    try:
        return parse(env.str(name, default=""))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from None
