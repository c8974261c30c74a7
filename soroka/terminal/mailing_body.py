"""From the options of ``soroka mailing create`` to the body that the API takes."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from soroka.terminal.invalid import invalid

_AHEAD = re.compile(r"\+(\d{1,5})(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed. ``None`` and empty: it was left out."""

    name: str
    text: str
    tags: tuple[str, ...]
    match: str
    codes: tuple[str, ...]
    everyone: bool
    filter: str | None
    segment: str | None
    start: str | None
    end: str | None
    zone: str | None
    local_time: bool | None
    window: str | None
    no_window: bool
    widen_window: bool
    cap: str | None
    lift_cap: bool
    gateway: str | None
    fallbacks: tuple[str, ...]


def body_of(wanted: Wanted, now: datetime) -> dict[str, Any]:
    """The body of ``POST /mailings``. now: aware; what ``+2h`` counts from.  Raises Failure."""
    faults: dict[str, Any] = {}
    body: dict[str, Any] = {"text": wanted.text}
    for name in ("name", "segment", "gateway", "local_time"):
        if (value := getattr(wanted, name)) not in ("", None):
            body[name] = value
    for name in ("widen_window", "lift_cap"):
        if getattr(wanted, name):
            body[name] = True
    if wanted.fallbacks:
        body["fallbacks"] = list(wanted.fallbacks)
    _add(body, faults, "filter", lambda: _filter(wanted))
    _add(body, faults, "starts_at", lambda: moment_of(wanted.start, wanted.zone, now))
    _add(body, faults, "ends_at", lambda: moment_of(wanted.end, wanted.zone, now))
    _add(body, faults, "cap", lambda: _cap(wanted.cap))
    _add(body, faults, "window", lambda: _window(wanted.window))
    if wanted.no_window:
        body["window"] = None
    if wanted.zone and "local_time" not in body and wanted.start:
        body["local_time"] = False
    if faults:
        raise invalid(faults)
    return body


def _add(body: dict[str, Any], faults: dict[str, Any], name: str, read: Any) -> None:
    try:
        value = read()
    except ValueError as error:
        faults[name] = [str(error)]
    else:
        if value is not None:
            body[name] = value


def _filter(wanted: Wanted) -> Any:
    if wanted.filter is not None:
        written = Path(wanted.filter[1:]).read_text() if wanted.filter.startswith("@") else wanted.filter
        try:
            return json.loads(written)
        except ValueError as error:
            raise ValueError(f"This is no JSON: {error}") from None
    if not (wanted.tags or wanted.codes or wanted.everyone):
        return None
    short: dict[str, Any] = {"tags": list(wanted.tags), "operator_codes": list(wanted.codes), "match": wanted.match}
    return short | {"everyone": True} if wanted.everyone else short


def moment_of(written: str | None, zone: str | None, now: datetime) -> str | None:
    """In ISO 8601: as it was written, where neither ``+2h`` nor a zone asks for more."""
    from soroka.domain.schedule import known_zone, read_moment

    if written is None:
        return None
    if ahead := _AHEAD.fullmatch(written.strip()):
        return (now.astimezone(UTC) + timedelta(**{_UNITS[ahead[2]]: int(ahead[1])})).isoformat()
    written = written.strip().replace(" ", "T", 1)
    return read_moment(written, known_zone(zone)).isoformat() if zone else written


def _cap(written: str | None) -> dict[str, int] | None:
    from soroka.domain.cap import Cap

    cap = Cap.parse(written) if written else None
    return cap.to_json() if cap else None


def _window(written: str | None) -> dict[str, Any] | None:
    from soroka.domain.send_window import SendWindow

    if not written:
        return None
    kept = SendWindow.parse(written).to_json()
    del kept["holidays"]  # those of the service
    return kept
