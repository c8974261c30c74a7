"""How a command ends that could not do what it was asked, and the exit codes of all of them."""

import json
import sys
from collections.abc import Sequence
from enum import IntEnum
from typing import IO, Any

import click


class Exit(IntEnum):
    """What scripts may rely on."""

    OK = 0
    #: It failed, or what was asked about is not well.
    FAILED = 1
    #: The command was given something that it cannot take.
    USAGE = 2
    NOT_FOUND = 3
    #: The present state does not allow it.
    NOT_POSSIBLE = 4
    #: There is no installation, or its services do not answer.
    UNREACHABLE = 5
    #: Ctrl-C.
    INTERRUPTED = 130


class Failure(click.ClickException):
    """What went wrong. code: a stable word for programs.  errors: ``field``, ``code`` and ``message`` of each."""

    def __init__(self, message: str, exit_code: Exit, code: str, errors: Sequence[dict[str, str]] = ()) -> None:
        super().__init__(message)
        vars(self)["exit_code"] = exit_code  # of the class, for click
        self.code = code
        self.errors = list(errors)

    def show(self, file: IO[Any] | None = None) -> None:
        """The message, and a line for each error."""
        super().show(file)
        for error in self.errors:
            click.echo(f"  {error['option']}: {error['message']}" if error.get("option") else f"  {error['message']}",
                       file=file, err=file is None)  # fmt: skip


class NotFound(Failure):
    """There is no such thing."""

    def __init__(self, message: str) -> None:
        super().__init__(message, Exit.NOT_FOUND, "not_found")


class Unreachable(Failure):
    """There is no installation, or it does not answer."""

    def __init__(self, message: str) -> None:
        super().__init__(message, Exit.UNREACHABLE, "unreachable")


def tell(error: click.ClickException, *, as_json: bool) -> None:
    """Say on stderr what went wrong: in words, or as one JSON document."""
    if not as_json:
        error.show()
        return
    print(json.dumps(_document(error), ensure_ascii=False), file=sys.stderr)


def _document(error: click.ClickException) -> dict[str, Any]:
    """In the shape of the API's problems, as far as there is something to say."""
    code = error.code if isinstance(error, Failure) else "usage"
    errors = error.errors if isinstance(error, Failure) else list(_of_parameter(error))
    return {
        "type": f"urn:soroka:problem:{code}",
        "detail": error.format_message(),
        "errors": errors,
        "exit_code": int(error.exit_code),
    }


def _of_parameter(error: click.ClickException) -> Sequence[dict[str, str]]:
    parameter = getattr(error, "param", None)
    if parameter is None:
        return []
    option = parameter.opts[0] if isinstance(parameter, click.Option) else (parameter.metavar or parameter.name)
    return [{"field": parameter.name, "option": option, "code": "invalid", "message": error.format_message()}]
