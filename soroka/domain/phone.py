"""Phone numbers: any usual writing in, digits with the country code out."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, ValidationResult

RUSSIA = 7
RUSSIAN_DIGITS = 10
#: E.164: the most digits a number may have, country code included.
MOST_DIGITS = 15
#: More than any writing of 15 digits needs.
LONGEST_TEXT = 64

#: What people put between digits: spaces, hyphens and dashes of every width, dots, slashes, parentheses.
PUNCTUATION = " \t\u00a0\u2009\u202f-\u2010\u2011\u2012\u2013\u2014\u2212./()"
#: Marks of direction and width, which address books copy along unseen.
INVISIBLE = (
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
_WITHOUT_SEPARATORS = str.maketrans("", "", PUNCTUATION + INVISIBLE)

_FAULTS = {
    ValidationResult.INVALID_COUNTRY_CODE: "begins with a country code that does not exist",
    ValidationResult.TOO_SHORT: "is too short",
    ValidationResult.TOO_LONG: "is too long",
    ValidationResult.INVALID_LENGTH: "has a length that no number of its country has",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "is too short: its area code is missing",
}


class InvalidPhone(ValueError):
    """A sentence that says why; it never repeats the number, so that it may be logged."""

    def __init__(self, fault: str) -> None:
        super().__init__(f"The phone number {fault}. Write it like +7 916 123-45-67.")


def parse_phone(text: str) -> int:
    """Digits with the country code, 79161234567. Raises InvalidPhone.

    Without a plus or 00 in front, ten digits and eleven that begin with 8 are Russian; others begin with a country
    code. Spaces, hyphens, dots, slashes and parentheses mean nothing; letters and extensions are refused.
    """
    if _is_plain(text):
        return int(text)
    number = _parse(_international(_digits(text)))
    _check(number)
    return int(_e164(number))


def operator_code(phone: int) -> int:
    """The three digits after the country code: 79161234567 -> 916. ``phone`` is what ``parse_phone`` returned."""
    if phone // 10**RUSSIAN_DIGITS == RUSSIA:  # an import of millions spends no time on the table of countries
        return phone // 10_000_000 % 1_000
    digits = str(phone)
    start = _country_digits(digits)
    return int(digits[start : start + 3])


def parse_operator_code(text: str) -> int:
    """The number of a code written as three digits: "916" -> 916, "012" -> 12. Raises ValueError."""
    if len(text) != 3 or not (text.isascii() and text.isdigit()):  # noqa: PLR2004
        raise ValueError("An operator code is three digits, like 916.")
    return int(text)


def _is_plain(text: str) -> bool:
    """The way most lists write them, 79161234567: an import of millions spends no time on it."""
    return len(text) == 1 + RUSSIAN_DIGITS and text[0] == "7" and text.isascii() and text.isdigit()


def _digits(text: str) -> str:
    """The digits alone, with the plus before them if there is one."""
    if len(text) > LONGEST_TEXT:
        raise InvalidPhone("is too long")
    compact = text.strip().translate(_WITHOUT_SEPARATORS)
    digits = compact.removeprefix("+")
    if not digits:
        raise InvalidPhone("is empty")
    if not (digits.isascii() and digits.isdigit()):
        raise InvalidPhone(_foreign_to_numbers(digits))
    return compact


def _foreign_to_numbers(text: str) -> str:
    if any(character.isalpha() for character in text):
        return "contains letters"
    if text.isdigit():
        return "is written in digits other than 0 to 9"
    return "contains characters that no phone number has"


def _international(digits: str) -> str:
    if digits.startswith("+"):
        return digits
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    if len(digits) == RUSSIAN_DIGITS:
        return f"+{RUSSIA}{digits}"
    if len(digits) == 1 + RUSSIAN_DIGITS and digits.startswith("8"):
        return f"+{RUSSIA}{digits[1:]}"
    return f"+{digits}"


def _parse(international: str) -> PhoneNumber:
    try:
        return phonenumbers.parse(international)
    except NumberParseException as error:
        raise InvalidPhone(_why_unreadable(error)) from None


def _why_unreadable(error: NumberParseException) -> str:
    if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
        return _FAULTS[ValidationResult.INVALID_COUNTRY_CODE]
    return "is too long" if error.error_type == NumberParseException.TOO_LONG else "is too short"


def _check(number: PhoneNumber) -> None:
    national = phonenumbers.national_significant_number(number)
    if number.country_code == RUSSIA and len(national) != RUSSIAN_DIGITS:
        raise InvalidPhone(f"needs {RUSSIAN_DIGITS} digits after +{RUSSIA}, not {len(national)}")
    if fault := _FAULTS.get(phonenumbers.is_possible_number_with_reason(number)):
        raise InvalidPhone(fault)
    if len(national) + len(str(number.country_code)) > MOST_DIGITS:
        raise InvalidPhone(_FAULTS[ValidationResult.TOO_LONG])
    if _parse(_e164(number)) != number:  # a reading strips one trunk prefix: with two, what is stored would change
        raise InvalidPhone("repeats the prefix of calls within its country")


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _country_digits(digits: str) -> int:
    """How many digits the country code has; no code is the beginning of another."""
    known = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    return next(length for length in (1, 2, 3) if int(digits[:length]) in known)
