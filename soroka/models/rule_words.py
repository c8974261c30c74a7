"""What the rules of the domain and of imports say, in the user's language: they know English and no framework."""

import re
from functools import cache
from itertools import chain

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from soroka.models.words import MAILING_STATUS

#: By the code of the error. ``{}`` stands for what differs from case to case, ``{status}`` for the status of a
#: mailing.
OF_CODES = {
    "already_resent": [
        _("What is in doubt of this mailing was sent once more already, by mailing {}."),
    ],
    "idempotency_mismatch": [
        _("This key was used for another request."),
    ],
    "idempotency_gone": [
        _("The mailing of this key was removed."),
    ],
    "invalid_phone": [
        _("The phone number begins with a country code that does not exist. Write it like +7 916 123-45-67."),
        _("The phone number is too short. Write it like +7 916 123-45-67."),
        _("The phone number is too long. Write it like +7 916 123-45-67."),
        _("The phone number has a length that no number of its country has. Write it like +7 916 123-45-67."),
        _("The phone number is too short: its area code is missing. Write it like +7 916 123-45-67."),
        _("The phone number is empty. Write it like +7 916 123-45-67."),
        _("The phone number contains letters. Write it like +7 916 123-45-67."),
        _("The phone number is written in digits other than 0 to 9. Write it like +7 916 123-45-67."),
        _("The phone number contains characters that no phone number has. Write it like +7 916 123-45-67."),
        _("The phone number repeats the prefix of calls within its country. Write it like +7 916 123-45-67."),
        _("The phone number needs {} digits after +7, not {}. Write it like +7 916 123-45-67."),
    ],
    "invalid_operator_code": [
        _("An operator code is three digits, like 916."),
    ],
    "unknown_timezone": [
        _("{} is not an IANA time zone; write it like 'Europe/Moscow'."),
    ],
    "ends_before_start": [
        _("The end must be after the start."),
        _("By the wall clock of {} the end must be after the start."),
    ],
    "invalid_hour": [
        _("An hour is written like 09:00, from 00:00 to 24:00."),
        _("A day begins at 00:00."),
        _("It opens and closes at the same time; write a whole day as 00:00 to 24:00."),
    ],
    "invalid_time": [
        _("A date needs a time; write it like 2026-11-27T10:00 or 2026-11-27T10:00:00+03:00."),
        _("This is not an ISO 8601 time; write it like 2026-11-27T10:00 or 2026-11-27T10:00:00+03:00."),
        _("This time is too close to the ends of the calendar, years 1 and 9999."),
    ],
    "bad_template": [
        _("expected {}, found end of file"),
        _("expected tag {}, found end of expression"),
        _("expected end of expression, found {}"),
        _("expected a primitive expression, found end of expression"),
        _("expected an identifier, found end of expression"),
        _("expected word, found end of expression"),
        _("unknown filter {}"),
        _("unexpected tag {}"),
        _("missing expression"),
        _("missing tag name or closing delimiter"),
        _("ranges such as (1..5) are not supported"),
        _("a filter's result is too large"),
        _("It cannot be rendered ({})."),
        _("The rendered text contains control characters."),
        _("The rendered text is longer than {} characters."),
        _("The rendered text is empty."),
    ],
}
SENTENCES = [
    *chain.from_iterable(OF_CODES.values()),
    _("There is no tag {}."),
    _("The same phone comes again in line {}, which counts."),
    _("{} contains a NUL character."),
    _("{} cannot be read in the encoding of the file. Save it as UTF-8."),
    _("{} is longer than {} characters."),
    _("Whether a client has opted out is said by yes or no."),
    _("The row has a consent and says that the client has opted out."),
    _("A consent is longer than {} characters."),
    _("A tag is longer than {} characters."),
    _("There are more than {} tags."),
    _("There is a value in column {}, which has no name."),
    _("There are more cells than columns. Put quotes around a cell that contains the separator."),
    _("The row is UTF-8 in a file of CP1251. Save the file in one encoding."),
    _("The line is longer than {} characters."),
    _("A quote is not closed, or stands inside of a quoted cell without being doubled."),
    _("The database refuses it: {}"),
    _("The file is empty. Its first line must name the columns, and one of them: phone."),
    _("The file is larger than {} bytes."),
    _("The file has a header and no rows."),
    _("The file has more than {} columns."),
    _("The file has no column {}."),
    _("The name of a column is longer than {} characters, or has characters that cannot be read."),
    _("The header is empty. The first line must name the columns, and one of them: phone."),
    _("The header cannot be read. {}"),
    _("Two columns mean {}: {} and {}."),
    _("No column is the phone. Name one of them phone, or map it. The columns are: {}."),
    _("Quotes are opened and not closed in more than {} rows, such as line {}."),
    _("It was interrupted {} times at the same place."),
    _("Nobody said what its columns are. Hand it in again."),
    _("Somebody was erased whom the file may name. Hand it in again."),
    _("It was interrupted by an update. Hand the file in again."),
    _("This is an old Excel workbook; save it as .xlsx or CSV. Hand in CSV or XLSX."),
    _("This is a PDF. Hand in CSV or XLSX."),
    _("This is a picture. Hand in CSV or XLSX."),
    _("This is a packed file; unpack it first. Hand in CSV or XLSX."),
    _("This is no workbook: its archive is damaged."),
    _("This is a ZIP archive, and no workbook. Hand in CSV or XLSX."),
    _("The workbook has no sheet."),
    _("The workbook is protected by a password. Save it without one."),
    _("The workbook cannot be read: {}"),
    _("The workbook needs more memory or time than there is for one. Save it as CSV."),
    _("The rate of the gateway left no moment for it within {} s. Nothing was sent."),
    _("Redis or Valkey does not answer, and it keeps the rate of the gateway. Nothing was sent."),
    _("The workbook unpacks to more than there is room for. Save it as CSV."),
    _("PUBLIC_URL is not set: {} cannot be made."),
    _("A moment needs its UTC offset."),
    _("A wall-clock time carries no UTC offset."),
    _("It is written like 09:00-21:00, with days like 09:00-21:00 1-5; Monday is 1."),
    _("A window needs a day on which it opens."),
    _("Days are counted from Monday, 1, to Sunday, 7."),
    _("Dates are written like 2027-01-01, separated by commas."),
    _("A cap has 1 to {} messages in 1 to {} days."),
    _("{} is no cap; write it like 3/7: at most 3 messages in 7 days."),
    _("Write each line like this: column = field."),
    _("This is no JSON: {}"),
    _("The mailing is {status}."),
    _("The mailing is {status}: only its name can be changed."),
    _("The mailing is {status}, and something of it is not settled yet."),
    _("The mailing sends once more what of another one is in doubt: its filter cannot be changed."),
    _("Somebody was written to already: cancel the mailing instead."),
    _("Somebody was written to already: {} cannot be changed, only name and ends_at."),
    _(
        "The filter asks about messages that were removed by age, of these mailings: {}. "
        "The audience cannot be planned anew without another filter."
    ),
    _("The messages of this mailing were removed by age: nobody knows any more who is in doubt."),
    _("Nothing of this mailing is in doubt."),
]

_STATUS = {str(status): words for status, words in MAILING_STATUS.items()}


def translated(sentence: str) -> str:
    """The sentence in the user's language; one that no rule is known to say stays as it is."""
    for template, pattern in _patterns():
        if found := pattern.fullmatch(sentence):
            status = _STATUS.get(found.groupdict().get("status", ""))
            return gettext(template).format(*map(translated, found.groups()), status=status)
    return sentence


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    # Whatever leaves least open comes first: "A consent is longer than {} characters." is no value of another name.
    return [(each, _pattern(each)) for each in sorted(SENTENCES, key=lambda each: each.count("{}"))]


def _pattern(template: str) -> re.Pattern[str]:
    statuses = "|".join(_STATUS)
    escaped = re.escape(template).replace(r"\{\}", "(.+?)").replace(r"\{status\}", f"(?P<status>{statuses})")
    return re.compile(escaped, re.DOTALL)
