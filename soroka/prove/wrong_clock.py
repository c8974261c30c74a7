"""Celery under libfaketime, which refuses the absolute sleeps that Python asks for: here sleeping is waiting."""

import select
import time
from typing import SupportsIndex


def _sleep(seconds: SupportsIndex | float, /) -> None:
    select.select((), (), (), float(seconds))


time.sleep = _sleep

from celery.__main__ import main  # noqa: E402 (it takes the sleep above)

if __name__ == "__main__":
    main()
