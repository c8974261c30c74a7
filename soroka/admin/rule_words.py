"""What the rules of the domain and of imports say, in the user's language: they know English and no framework."""

import re
from functools import cache

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

#: ``{}`` stands for what differs from case to case.
SENTENCES = [
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
    _("An operator code is three digits, like 916."),
    _("{} is not an IANA time zone; write it like 'Europe/Moscow'."),
    _("The end must be after the start."),
    _("By the wall clock of {} the end must be after the start."),
    _("It cannot be rendered ({})."),
    _("The rendered text is longer than {} characters."),
    _("The rendered text is empty."),
    _("There is no tag {}."),
    _("The same phone comes again in line {}, which counts."),
    _("{} contains a NUL character."),
    _("{} is not UTF-8. Save the file as UTF-8."),
    _("{} is longer than {} characters."),
    _("A tag is longer than {} characters."),
    _("The first line must name the columns, and one of them must be: phone."),
    _("The file has more than {} columns."),
    _("Two columns have the same name."),
    _("The name of a column is longer than {} characters, or is not UTF-8."),
    _("The line cannot be read: {}."),
    _("There are more cells than columns. Put quotes around a cell that contains the separator."),
]


def translated(sentence: str) -> str:
    """The sentence in the user's language; one that no rule is known to say stays as it is."""
    for template, pattern in _patterns():
        if found := pattern.fullmatch(sentence):
            return gettext(template).format(*found.groups())
    return sentence


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [(each, re.compile(re.escape(each).replace(r"\{\}", "(.+?)"), re.DOTALL)) for each in SENTENCES]
