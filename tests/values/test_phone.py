"""Telephone numbers become E.164."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.values.errors import InvalidValue
from shared.values.phone import e164


@pytest.mark.parametrize(
    ("raw", "region", "found"),
    [
        ("(08) 9555 0142", "AU", "+61895550142"),
        ("08 9555 0142", "au", "+61895550142"),
        ("0412 345 678", "AU", "+61412345678"),
        ("1300 123 456", "AU", "+611300123456"),
        ("+61 8 9555 0142", None, "+61895550142"),
        ("+61 8 9555 0142", "DE", "+61895550142"),
        ("0011 44 20 7946 0958", "AU", "+442079460958"),
        ("030 901820", "DE", "+4930901820"),
        ("+1 (212) 555-0123", "AU", "+12125550123"),
        ("\u00a0+61\u00a08 9555\u20110142 ", None, "+61895550142"),
    ],
)
def test_a_number_is_read_by_the_customs_of_its_country(raw: str, region: str | None, found: str) -> None:
    assert e164(raw, region) == found


@pytest.mark.parametrize("raw", ["", "abc", "12345", "+999 123", "020 7946 0958", "+61 8", "0" * 300, "\x00"])
def test_what_cannot_be_dialled_is_refused_without_repeating_it(raw: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        e164(raw, "AU")

    assert caught.value.code == "PHONE_INVALID"
    assert "AU" in caught.value.detail
    assert len(raw) < 3 or raw not in str(caught.value)


@pytest.mark.parametrize("region", [None, "XX", "", "Australia"])
def test_without_a_country_only_an_international_number_can_be_read(region: str | None) -> None:
    with pytest.raises(InvalidValue):
        e164("08 9555 0142", region)


@pytest.mark.parametrize("raw", ["08 9555 0142 ext 12", "+61 8 9555 0142 x12", "tel:+61-8-9555-0142;ext=12"])
def test_an_extension_is_refused_rather_than_cut_off(raw: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        e164(raw, "AU")

    assert caught.value.code == "PHONE_EXTENSION"


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_a_number_is_the_same_however_it_is_written(region: str) -> None:
    number = phonenumbers.example_number(region)
    assert number is not None
    shapes = phonenumbers.PhoneNumberFormat
    found = e164(phonenumbers.format_number(number, shapes.INTERNATIONAL), None)

    assert e164(phonenumbers.format_number(number, shapes.NATIONAL), region) == found
    assert e164(found, None) == found


@given(st.text(max_size=30), st.sampled_from([None, "AU", "US"]))
def test_any_text_is_a_number_or_refused(raw: str, region: str | None) -> None:
    try:
        found = e164(raw, region)
    except InvalidValue:
        return
    assert found.startswith("+")
    assert found[1:].isdigit()
    assert len(found) <= 16
