import subprocess
import sys
from contextlib import suppress

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from soroka.domain.phone import InvalidPhone, operator_code, parse_operator_code, parse_phone

RUSSIAN = st.text("0123456789", min_size=10, max_size=10)
ABROAD = st.builds(
    "+{}{}".format,
    st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)),
    st.text("0123456789", min_size=4, max_size=16),
)


@pytest.mark.parametrize(
    "text",
    [
        "79161234567",
        "+79161234567",
        "+7 916 123-45-67",
        "+7 (916) 123-45-67",
        "+7-916-123-45-67",
        "+7.916.123.45.67",
        "+7(916)1234567",
        "7 916 123 45 67",
        "8 (916) 1234567",
        "89161234567",
        "8-916-123-45-67",
        "9161234567",
        "(916) 123-45-67",
        "+7 8 916 123-45-67",
        "007 916 123 45 67",
        "  79161234567\n",
        "+7\u00a0916\u00a0123\u201145\u201367",
        "\u202a+7 916 123-45-67\u202c",
    ],
)
def test_it_takes_any_usual_writing(text):
    assert parse_phone(text) == 79161234567


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("+44 7911 123456", 447911123456),
        ("+44 (0)7911 123456", 447911123456),
        ("447911123456", 447911123456),
        ("37120123456", 37120123456),
        ("0044 7911 123456", 447911123456),
        ("+375 29 491-19-11", 375294911911),
        ("+7 701 123 4567", 77011234567),
        ("+84 91 234 56 78", 84912345678),
        ("+65 9123 4567", 6591234567),
    ],
)
def test_it_takes_numbers_of_other_countries(text, phone):
    assert parse_phone(text) == phone


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        (" + ", "is empty"),
        ("+7", "is too short"),
        ("123-45-67", "is too short"),
        ("+1 234 5678", "area code is missing"),
        ("+7 916 123-45-6", "needs 10 digits after +7, not 9"),
        ("+7 916 123-45-678", "needs 10 digits after +7, not 11"),
        ("791612345670000", "needs 10 digits after +7, not 14"),
        ("79161234567.0", "needs 10 digits after +7, not 11"),
        ("1" * 40, "is too long"),
        ("+44 7911 1234567890", "is too long"),
        ("+49 1511 23456789012", "is too long"),
        ("9" * 100_000, "is too long"),
        ("+999 123456", "country code that does not exist"),
        ("+354 12345678", "length that no number of its country has"),
        ("+375 (0)(0) 596 16 62", "repeats the prefix"),
        ("8-800-FLOWERS", "contains letters"),
        ("7.91612E+10", "contains letters"),
        ("+7 916 123-45-67 доб. 5", "contains letters"),
        ("+7 916 123-45-67 #5", "characters that no phone number has"),
        ("7+9161234567", "characters that no phone number has"),
        ("++79161234567", "characters that no phone number has"),
        ("79161234567;79161234568", "characters that no phone number has"),
        ("7916123456\0", "characters that no phone number has"),
        ("\ud800", "characters that no phone number has"),
        ("７９１６１２３４５６７", "digits other than 0 to 9"),
        ("٧٩١٦١٢٣٤٥٦٧", "digits other than 0 to 9"),
        ("7916123456²", "digits other than 0 to 9"),
    ],
)
def test_it_refuses_a_number_and_says_why(text, why):
    with pytest.raises(InvalidPhone, match="Write it like") as refusal:
        parse_phone(text)
    assert why in str(refusal.value)


def test_a_refusal_does_not_repeat_the_number():
    with pytest.raises(InvalidPhone) as refusal:
        parse_phone("+7 999 888 77")
    assert "999" not in str(refusal.value)


@given(RUSSIAN)
def test_the_plain_writing_means_what_the_full_check_says(national):
    plain = f"7{national}"
    assert parse_phone(plain) == parse_phone(f"+{plain}") == int(plain)


@given(RUSSIAN)
def test_the_russian_writings_are_one_number(national):
    assume(not national.startswith("00"))
    assert parse_phone(national) == parse_phone(f"8{national}") == parse_phone(f"7{national}")


@given(ABROAD)
def test_what_it_returns_is_read_as_the_same_number(text):
    try:
        phone = parse_phone(text)
    except InvalidPhone:
        return
    assert parse_phone(f"+{phone}") == phone
    assert len(str(phone)) <= 15


@given(st.text(max_size=30) | st.text("+78 9-()０x", max_size=20))
def test_no_text_raises_anything_but_an_invalid_phone(text):
    with suppress(InvalidPhone):
        parse_phone(text)


def mobile_examples():
    examples = {
        r: phonenumbers.example_number_for_type(r, PhoneNumberType.MOBILE) for r in phonenumbers.SUPPORTED_REGIONS
    }
    return [pytest.param(example, id=region) for region, example in sorted(examples.items()) if example]


@pytest.mark.parametrize("example", mobile_examples())
def test_it_takes_a_mobile_number_of_every_country(example):
    e164 = phonenumbers.format_number(example, PhoneNumberFormat.E164)
    phone = parse_phone(phonenumbers.format_number(example, PhoneNumberFormat.INTERNATIONAL))
    assert f"+{phone}" == e164
    assert f"{operator_code(phone):03}" == e164.removeprefix(f"+{example.country_code}")[:3]


@pytest.mark.parametrize(
    ("phone", "code"),
    [(79161234567, 916), (77011234567, 701), (447911123456, 791), (375294911911, 294), (70123456789, 12)],
)
def test_the_operator_code_is_the_three_digits_after_the_country_code(phone, code):
    assert operator_code(phone) == code


@pytest.mark.parametrize(("text", "code"), [("916", 916), ("999", 999), ("012", 12), ("000", 0)])
def test_it_reads_an_operator_code(text, code):
    assert parse_operator_code(text) == code


@pytest.mark.parametrize("text", ["", "91", "9161", "+91", " 916", "9 6", "９１６", "²²²", "abc", "-16", "1e2"])
def test_it_refuses_what_is_not_three_digits(text):
    with pytest.raises(ValueError, match="three digits"):
        parse_operator_code(text)


def test_it_never_loads_the_large_tables_of_phonenumbers():
    code = "import sys, soroka.domain.phone; print(*(m for m in sys.modules if m.startswith('phonenumbers.')))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30).stdout
    assert "phonenumbers.phonenumberutil" in loaded
    assert not {"phonenumbers.geocoder", "phonenumbers.carrier", "phonenumbers.timezone"} & set(loaded.split())
