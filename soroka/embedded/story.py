"""What a run of the stack is for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Story:
    """What is done once the stack is ready.

    module: a Python module to run on our terminal, empty for none.  stays: whether the stack goes on after it.
    gateway: options of the simulated gateway.
    """

    module: str = ""
    stays: bool = True
    gateway: tuple[str, ...] = ()
