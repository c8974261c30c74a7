"""The one error of the embedded stack."""


class StackError(Exception):
    """The stack cannot start or go on. The message says what is wrong and what to do about it."""
