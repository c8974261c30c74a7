"""What the form of a new mailing begins with, where it begins as another one."""

from typing import Any

from soroka.api.gateway_names import gateway_names
from soroka.audience.filter import Filter
from soroka.models import Mailing


def copy_of(mailing: Mailing) -> tuple[dict[str, Any], bool]:
    """What the form begins with, all but the times, and whether the audience could be taken over.

    A filter of the API may say more than the form can; a segment is taken where it still says what the mailing keeps.
    """
    whom = _whom(mailing)
    names = gateway_names(mailing.fallbacks)
    initial = {
        "name": mailing.name,
        "text": mailing.text,
        **(whom or {}),
        "local_time": mailing.local_time,
        **_hours(mailing),
        "cap_messages": mailing.cap and mailing.cap["messages"],
        "cap_days": mailing.cap and mailing.cap["days"],
        "lift_cap": mailing.lift_cap,
        "gateway": mailing.gateway.name,
        "fallbacks": ", ".join(names[each] for each in mailing.fallbacks if each in names),
    }
    return initial, whom is not None


def _whom(mailing: Mailing) -> dict[str, Any] | None:
    if mailing.segment and mailing.segment.filter == mailing.filter:
        return {"segment": mailing.segment.name}
    audience = Filter.from_json(mailing.filter)
    if audience.tree:
        return None
    return {
        "tags": list(audience.tag_ids),
        "match": "all" if audience.match_all else "any",
        "operator_codes": ", ".join(f"{code:03}" for code in audience.operator_codes),
        "everyone": audience.everyone,
    }


def _hours(mailing: Mailing) -> dict[str, Any]:
    window = mailing.window or {"from": "", "to": "", "days": []}
    return {f"window_{name}": window[name] for name in ("from", "to", "days")} | {"widen_window": mailing.widen_window}
