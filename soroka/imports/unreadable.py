"""Why a whole file cannot be taken in."""


class UnreadableFile(ValueError):
    """A sentence for the person who made the file: what is wrong, and what to do. field: what the fault lies in."""

    def __init__(self, why: str, *, field: str = "file") -> None:
        super().__init__(why)
        self.field = field
