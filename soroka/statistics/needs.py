"""What a person has to see to: what does not mend itself, or may have harmed somebody."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from soroka.models import ClientImport, Gateway, ReportMail, Restoration
from soroka.models.gateway import GatewayState
from soroka.models.rule_words import translated
from soroka.statistics.condition import Doubt, Failures
from soroka.statistics.health import Service, Services


@dataclass(frozen=True, slots=True)
class Need:
    """code: a stable word.  words: a sentence.  row: the id of the gateway, import or mailing that it is about."""

    code: str
    words: str
    row: int | None = None


def needs(services: Services, gateways: Iterable[Gateway], failures: Failures) -> list[Need]:
    """All that there is."""
    held = [_held(failures.held)] if failures.held else []
    return [
        *held,
        *_programs(services),
        *_gateways(gateways),
        *map(_doubt, failures.doubts),
        *map(_import, failures.imports),
        *map(_report, failures.reports),
    ]


def _held(row: Restoration) -> Need:
    at = {"moment": date_format(localtime(row.backed_up_at), "DATETIME_FORMAT")}
    return Need("held", _("It was restored from a backup of %(moment)s and sends nothing until `soroka release`.") % at)


def _programs(services: Services) -> Iterator[Need]:
    words = {
        "broker": _("Redis or Valkey does not answer at REDIS_URL: nothing is sent."),
        "worker": _("No worker takes what beat rings: nothing is sent."),
        "beat": _("Beat does not ring: what becomes due is not sent."),
    }
    for name, state in asdict(services).items():
        if state is Service.MISSING:
            yield Need(f"{name}_missing", words[name])


def _gateways(gateways: Iterable[Gateway]) -> Iterator[Need]:
    for row in gateways:
        if row.state is GatewayState.STOPPED:
            said = {"name": row.name, "error": row.last_error}
            yield Need("gateway_stopped", _("Gateway %(name)s is stopped: %(error)s") % said, row.pk)


def _doubt(doubt: Doubt) -> Need:
    words = ngettext(
        "%(number)s message of mailing %(mailing)s is in doubt: it may have been sent.",
        "%(number)s messages of mailing %(mailing)s are in doubt: they may have been sent.",
        doubt.messages,
    )
    named = {"mailing": f"№ {doubt.mailing} {doubt.name}".rstrip(), "number": _grouped(doubt.messages)}
    return Need("in_doubt", words % named, doubt.mailing)


def _import(row: ClientImport) -> Need:
    said = {"number": row.pk, "file": row.filename, "why": translated(row.detail)}
    return Need("import_failed", _("Import %(number)s of %(file)s failed. %(why)s") % said, row.pk)


def _report(mail: ReportMail) -> Need:
    said = {"day": date_format(mail.day), "address": mail.address, "why": mail.last_error}
    return Need("report_given_up", _("The report of %(day)s was not sent to %(address)s: %(why)s") % said)


def _grouped(number: int) -> str:
    return number_format(number, force_grouping=True)
