"""``python -m soroka.demo``: tells the story to a service that runs. SOROKA_URL and SOROKA_ADMIN_PASSWORD name it."""

import os
import sys

from rich.console import Console

from soroka.demo.api import Api, ApiError
from soroka.demo.story import Story

if __name__ == "__main__":
    console = Console(highlight=False, soft_wrap=True)
    try:
        with Api(os.environ["SOROKA_URL"]) as api:
            api.log_in("admin", os.environ["SOROKA_ADMIN_PASSWORD"])
            accounted_for = Story(api, console).tell()
    except ApiError as error:
        console.print(f"[red]{error}[/red]")
        sys.exit(1)
    sys.exit(0 if accounted_for else 1)
