"""The one error of the benchmark."""


class BenchError(Exception):
    """A measurement cannot be made or would say nothing true. The message says why."""
