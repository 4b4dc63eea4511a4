"""What an account cannot hold is known before anything is sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psa_sync_svc.domain.account import Address
from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.domain.holding import FieldLimits, length_of, unheld

LIMITS = FieldLimits(
    longest={"company_name": 10, "company_address.city": 5, "company_address.postal_code": 4},
    required=frozenset({"company_name", "contact_number"}),
)


def test_what_fits_is_held() -> None:
    values: dict[Field, FieldValue] = {
        Field.COMPANY_NAME: "0123456789",
        Field.CONTACT_NUMBER: "+31207946150",
        Field.COMPANY_ADDRESS: Address(city="Delft", postal_code="2611", country="NL"),
        Field.REFERENCE: None,
    }

    assert unheld(values, LIMITS) == {}


def test_a_text_that_is_too_long_is_told_with_both_lengths_and_not_repeated() -> None:
    [(field, problem)] = unheld({Field.COMPANY_NAME: "De Gouden Pan"}, LIMITS).items()

    assert (field, problem.pointer, problem.code) == (Field.COMPANY_NAME, "/company_name", "TOO_LONG")
    assert "10" in problem.detail
    assert "13" in problem.detail
    assert "Gouden" not in problem.detail


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_what_may_not_be_empty_there_is_told(nothing: str | None) -> None:
    [(field, problem)] = unheld({Field.CONTACT_NUMBER: nothing, Field.REFERENCE: nothing}, LIMITS).items()

    assert (field, problem.pointer, problem.code) == (Field.CONTACT_NUMBER, "/contact_number", "REQUIRED")


def test_an_address_is_one_field_and_all_that_is_wrong_with_it_is_told() -> None:
    [(field, problem)] = unheld(
        {Field.COMPANY_ADDRESS: Address(city="Leeuwarden", postal_code="8911 AB")}, LIMITS
    ).items()

    assert (field, problem.pointer) == (Field.COMPANY_ADDRESS, "/company_address/city")
    assert "city" in problem.detail
    assert "postal_code" in problem.detail


def test_no_address_is_held_unless_a_part_of_it_is_required() -> None:
    required = FieldLimits(required=frozenset({"company_address.city"}))

    assert unheld({Field.COMPANY_ADDRESS: None}, LIMITS) == {}
    assert unheld({Field.COMPANY_ADDRESS: None}, required)[Field.COMPANY_ADDRESS].code == "REQUIRED"


def test_what_cannot_be_changed_there_is_told_before_anything_else() -> None:
    limits = FieldLimits(longest={"reference": 1}, read_only=frozenset({"reference", "company_address.country"}))

    found = unheld({Field.REFERENCE: "NW-1000", Field.COMPANY_ADDRESS: Address(city="Delft")}, limits)

    assert {field: problem.code for field, problem in found.items()} == {
        Field.REFERENCE: "READ_ONLY",
        Field.COMPANY_ADDRESS: "READ_ONLY",
    }


def test_a_letter_of_another_plane_is_two() -> None:
    limits = FieldLimits(longest={"company_name": 5})

    assert unheld({Field.COMPANY_NAME: "Ål 🥐"}, limits) == {}
    assert unheld({Field.COMPANY_NAME: "Ål  🥐"}, limits) != {}


@given(st.text())
def test_length_is_that_of_utf_16(text: str) -> None:
    assert length_of(text) == len(text.encode("utf-16-le")) // 2


@given(st.text(max_size=20), st.integers(min_value=1, max_value=20))
def test_only_what_is_longer_than_the_limit_is_too_long(text: str, longest: int) -> None:
    found = unheld({Field.REFERENCE: text}, FieldLimits(longest={"reference": longest}))

    assert bool(found) == (length_of(text) > longest)
