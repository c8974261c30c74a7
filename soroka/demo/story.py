"""What happens in the demo, in the order in which it happens."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console

from soroka.demo.api import Api, ApiError
from soroka.demo.show import follow, result_table, zone_table

SAMPLE = Path("samples", "clients.csv")
TAGS = ["active", "loyal", "app"]
OPERATOR_CODES = (
    "900 902 903 904 905 906 908 909 910 915 917 919 920 926 927 929 930 931 937 950 951 952 953 960 961 962 963 964"
)
#: Seconds that an import and a mailing of the demo's size may take on a very slow machine.
IMPORT_WITHIN, MAILING_WITHIN = 120.0, 600.0


class Story:
    """Tells itself on ``console``; ``api`` is logged in as an administrator. Raises ApiError."""

    def __init__(self, api: Api, console: Console) -> None:
        self._api = api
        self._console = console

    def tell(self) -> bool:
        """Returns whether every message of the first mailing is accounted for."""
        self._make_tags()
        self._import_clients()
        accounted_for = self._send_now()
        self._send_tomorrow()
        return accounted_for

    def _make_tags(self) -> None:
        there = {tag["name"] for tag in self._api.get("/tags", page_size=1000)["results"]}
        for name in TAGS:
            if name not in there:
                self._api.post("/tags", {"name": name})
        self._console.print(f"tags: {', '.join(TAGS)}")

    def _import_clients(self) -> None:
        if not SAMPLE.exists():
            raise ApiError(f"{SAMPLE} is missing; make it with: make {SAMPLE}")
        started = self._api.upload("/clients/imports", SAMPLE)
        path = f"/clients/imports/{started['id']}"
        done = self._api.wait_for(path, lambda answer: answer["state"] in ("finished", "failed"), IMPORT_WITHIN)
        if done["state"] == "failed":
            raise ApiError(f"the import of {SAMPLE} failed: {done}")
        counts = ", ".join(f"{done[word]:,} {word}" for word in ("added", "changed", "unchanged", "refused"))
        self._console.print(f"clients: {done['rows']:,} rows of {SAMPLE}: {counts}")

    def _send_now(self) -> bool:
        mailing = self._api.post(
            "/mailings",
            {
                "name": "Сорока на хвосте принесла",
                "text": "Сегодня скидка 20 % на всё. Сорока уже рассказала соседям, торопитесь!",
                "filter": {"tags": TAGS, "operator_codes": OPERATOR_CODES.split()},
                "ends_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
            },
        )
        path = f"/mailings/{mailing['id']}"
        self._console.print(f"mailing {mailing['id']}: now, to {mailing['statistics']['total']:,} clients")
        follow(self._console, lambda: self._api.get(path), MAILING_WITHIN)
        statistics = self._api.get(f"{path}/statistics")
        self._console.print(result_table(statistics))
        return self._say_accounted_for(statistics)

    def _say_accounted_for(self, statistics: dict[str, Any]) -> bool:
        if is_accounted_for(statistics):
            self._console.print("[green]every message is accounted for[/green]")
            return True
        self._console.print(f"[red]not every message is accounted for: {statistics}[/red]")
        return False

    def _send_tomorrow(self) -> None:
        """10:00 of tomorrow, everywhere: without an offset it is the wall clock's, and each zone's own."""
        service_zone = ZoneInfo(os.environ.get("TIME_ZONE", "Europe/Moscow"))
        tomorrow = datetime.now(service_zone).date() + timedelta(days=1)
        mailing = self._api.post(
            "/mailings",
            {
                "name": "Доброе утро",
                "text": "Доброе утро! Сорока прилетает в десять утра по вашим часам.",
                "filter": {"tags": ["loyal"]},
                "starts_at": f"{tomorrow}T10:00:00",
                "ends_at": f"{tomorrow}T20:00:00",
                "local_time": True,
            },
        )
        self._console.print(f"mailing {mailing['id']}: at {mailing['local_start']} by each client's own clock")
        statistics = self._api.get(f"/mailings/{mailing['id']}/statistics")
        self._console.print(zone_table(mailing["local_start"], statistics["by_timezone"]))


def is_accounted_for(statistics: dict[str, Any]) -> bool:
    """Whether nothing is in process, nothing is missing, and everything that was not sent has its reason."""
    return bool(
        statistics["total"] > 0
        and statistics["in_process"] == 0
        and statistics["total"] == statistics["delivered"] + statistics["not_sent"]
        and statistics["not_sent"] == sum(statistics["not_sent_by_reason"].values())
    )
