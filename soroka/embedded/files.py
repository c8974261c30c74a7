"""Files of the data folder that nobody else may read."""

import os
from pathlib import Path


def write_closed(path: Path, text: str) -> None:
    """Write ``path`` as a whole or not at all, readable by its owner only."""
    making = path.with_suffix(".making")
    making.unlink(missing_ok=True)
    descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    making.rename(path)
