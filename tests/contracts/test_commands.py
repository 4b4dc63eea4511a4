"""What a command may bring: its form is checked once, at the door."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.contracts.asyncapi import example
from shared.contracts.base import Message
from shared.contracts.customers import CreateCustomer, SetPaymentTerms, UpdateCustomer
from shared.contracts.forms import is_partner_id
from shared.contracts.invoices import CreateInvoice, RecordPayment, SendInvoice
from shared.contracts.psa import ImportCustomer, ResolveConflict
from shared.contracts.reading import problems_of
from shared.contracts.shapes import DayOfMonth

ID = "5f1e2a34-7c0b-4d57-9a61-2b8e6f0d9c11"


def wrong(message: type[Message], **changes: Any) -> list[tuple[str, str]]:
    """Pointer and code of each problem of the golden example with these changes."""
    try:
        message.model_validate({**example(message), **changes})
    except ValidationError as error:
        return [(problem.pointer, problem.code) for problem in problems_of(error)]
    return []


def line(**changes: Any) -> dict[str, Any]:
    return {"description": "Internet", "quantity": "1", "unit_price": "10.00", "tax_rate": "0.1", **changes}


def test_names_are_stripped_and_may_not_be_blank() -> None:
    created = CreateCustomer(partner_id="p", company_name="  Wattle & Tide ")

    assert created.company_name == "Wattle & Tide"
    assert wrong(CreateCustomer, company_name="   ") == [("/company_name", "REQUIRED")]
    assert wrong(CreateCustomer, company_name=None) == [("/company_name", "REQUIRED")]


@pytest.mark.parametrize(("field", "most"), [("company_name", 200), ("contact_number", 200), ("email", 200)], ids=str)
def test_a_text_at_its_limit_is_taken_and_one_beyond_is_refused(field: str, most: int) -> None:
    assert wrong(CreateCustomer, **{field: "é" * most}) == []
    assert wrong(CreateCustomer, **{field: "é" * (most + 1)}) == [(f"/{field}", "TOO_LONG")]


def test_lists_have_their_limits() -> None:
    assert wrong(CreateCustomer, cc=["a@example.com"] * 20) == []
    assert wrong(CreateCustomer, cc=["a@example.com"] * 21) == [("/cc", "TOO_LONG")]
    assert wrong(CreateInvoice, lines=[line()] * 500) == []
    assert wrong(CreateInvoice, lines=[line()] * 501) == [("/lines", "TOO_LONG")]
    assert wrong(CreateInvoice, lines=[]) == [("/lines", "REQUIRED")]
    assert wrong(CreateInvoice, lines=[line(description="x" * 1000)]) == []
    assert wrong(CreateInvoice, lines=[line(description="x" * 1001)]) == [("/lines/0/description", "TOO_LONG")]


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\n", "\x7f", "\x85"])
def test_control_characters_are_refused(sign: str) -> None:
    assert wrong(CreateCustomer, company_name=f"a{sign}b") == [("/company_name", "INVALID")]
    assert wrong(CreateCustomer, cc=[f"a{sign}b"]) == [("/cc/0", "INVALID")]
    assert wrong(CreateCustomer, company_address={"city": f"a{sign}b"}) == [("/company_address/city", "INVALID")]
    assert wrong(CreateInvoice, lines=[line(description=f"a{sign}b")]) == [("/lines/0/description", "INVALID")]


def test_half_a_surrogate_pair_is_refused() -> None:
    assert wrong(CreateCustomer, company_name="\ud800") == [("/company_name", "INVALID")]


def test_a_blank_line_of_an_address_is_none() -> None:
    read = CreateCustomer.model_validate(
        {**example(CreateCustomer), "company_address": {"line1": " ", "city": "Perth"}}
    )

    assert read.company_address is not None
    assert read.company_address.line1 is None
    assert read.company_address.city == "Perth"


@pytest.mark.parametrize("spelling", [ID, ID.upper(), ID.replace("-", ""), f"{{{ID}}}", f"urn:uuid:{ID}"], ids=str)
def test_an_id_is_kept_as_canonical_text_however_it_was_spelled(spelling: str) -> None:
    assert SetPaymentTerms(partner_id="p", customer_id=spelling, payment_terms=None).customer_id == ID


@pytest.mark.parametrize("value", ["", "42", "no-uuid", f"{ID}0", "x" * 101, 7, None, [ID]])
def test_what_is_no_uuid_is_refused(value: object) -> None:
    assert [pointer for pointer, _ in wrong(SetPaymentTerms, customer_id=value)] == ["/customer_id"]


@pytest.mark.parametrize("value", ["harbour-it", "x" * 100, "söl", "a/b", "7"])
def test_a_partner_is_any_visible_id(value: str) -> None:
    assert is_partner_id(value)
    assert wrong(SetPaymentTerms, partner_id=value) == []


@pytest.mark.parametrize("value", ["", "a b", "a|b", "a\n", "\x00", "x" * 101, 7, None, ["p"], {}])
def test_what_cannot_be_a_partner_is_refused(value: object) -> None:
    assert not is_partner_id(value)
    assert [pointer for pointer, _ in wrong(SetPaymentTerms, partner_id=value)] == ["/partner_id"]


@given(st.text(max_size=110))
def test_whoever_is_a_partner_for_the_dead_letters_is_one_for_the_commands(value: str) -> None:
    surrogate = any(0xD800 <= ord(sign) < 0xE000 for sign in value)

    assert surrogate or is_partner_id(value) == (wrong(SetPaymentTerms, partner_id=value) == [])


@given(st.integers(-10, 1100))
def test_terms_have_0_to_999_days(days: int) -> None:
    found = wrong(SetPaymentTerms, payment_terms={"kind": "net", "days": days})

    assert found == ([] if 0 <= days <= 999 else [("/payment_terms/days", "INVALID")])


def test_a_day_of_the_month_is_next_month_s_unless_it_is_said() -> None:
    read = SetPaymentTerms.model_validate(
        {"partner_id": "p", "customer_id": ID, "payment_terms": {"kind": "day_of_month", "day": 15}}
    )

    assert read.payment_terms == DayOfMonth(day=15, months=1, cutoff=None)


@pytest.mark.parametrize(
    ("terms", "problem"),
    [
        ({}, ("/payment_terms/kind", "REQUIRED")),
        ({"kind": "monthly"}, ("/payment_terms/kind", "INVALID")),
        ({"kind": "net"}, ("/payment_terms/days", "REQUIRED")),
        ({"kind": "net", "days": "30"}, ("/payment_terms/days", "INVALID")),
        ({"kind": "net", "days": True}, ("/payment_terms/days", "INVALID")),
        ({"kind": "day_of_month", "day": 0}, ("/payment_terms/day", "INVALID")),
        ({"kind": "day_of_month", "day": 32}, ("/payment_terms/day", "INVALID")),
        ({"kind": "day_of_month", "day": 1, "months": -1}, ("/payment_terms/months", "INVALID")),
        ({"kind": "day_of_month", "day": 1, "cutoff": 32}, ("/payment_terms/cutoff", "INVALID")),
        (30, ("/payment_terms", "INVALID")),
    ],
)
def test_terms_that_cannot_be_are_refused_at_their_place(terms: object, problem: tuple[str, str]) -> None:
    assert wrong(SetPaymentTerms, payment_terms=terms) == [problem]


def test_terms_may_be_null_but_not_forgotten() -> None:
    assert wrong(SetPaymentTerms, payment_terms=None) == []
    with pytest.raises(ValidationError):
        SetPaymentTerms.model_validate({"partner_id": "p", "customer_id": ID})


def test_an_update_tells_null_from_not_given() -> None:
    read = UpdateCustomer.model_validate({"partner_id": "p", "customer_id": ID, "set": {"email": None, "cc": None}})

    assert read.set.given() == {"email": None, "cc": ()}
    assert '"set":{"email":null,"cc":null}' in read.model_dump_json()


def test_an_update_of_a_field_that_there_is_not_is_refused_by_its_name() -> None:
    assert wrong(UpdateCustomer, set={"emial": "x", "a/b~c": 1, "status": "active"}) == [
        ("/set/emial", "UNKNOWN_FIELD"),
        ("/set/a~1b~0c", "UNKNOWN_FIELD"),
        ("/set/status", "UNKNOWN_FIELD"),
    ]


def test_an_update_cannot_take_the_name_away() -> None:
    assert wrong(UpdateCustomer, set={"company_name": None}) == [("/set/company_name", "REQUIRED")]
    assert wrong(UpdateCustomer, set={"company_name": ""}) == [("/set/company_name", "REQUIRED")]
    assert wrong(UpdateCustomer, set=None) == [("/set", "REQUIRED")]


@pytest.mark.parametrize("value", ["10.00", "0", "-3.5", "0.0325", 10, 999_999_999_999])
def test_a_price_is_a_decimal_string_or_a_whole_number(value: Any) -> None:
    read = CreateInvoice.model_validate({**example(CreateInvoice), "lines": [line(unit_price=value)]})

    assert read.lines[0].unit_price == Decimal(str(value))


@pytest.mark.parametrize("value", [10.5, True, None, "", "1e3", " 1", "1,50", "NaN", "0.12345", "1" * 13, [], "١"])
def test_what_is_no_exact_price_is_refused(value: object) -> None:
    assert [pointer for pointer, _ in wrong(CreateInvoice, lines=[line(unit_price=value)])] == ["/lines/0/unit_price"]


def test_a_quantity_and_a_rate_may_be_json_numbers_as_they_were_written() -> None:
    text = '{"description": "x", "quantity": 1.1, "unit_price": "1", "tax_rate": 0.09975}'
    data = f'{{"partner_id": "p", "customer_id": "{ID}", "currency": "aud", "lines": [{text}]}}'

    read = CreateInvoice.model_validate_json(data)

    assert read.lines[0].quantity == Decimal("1.1")
    assert read.lines[0].tax_rate == Decimal("0.09975")
    assert read.currency == "AUD"


def test_a_tax_rate_is_a_fraction() -> None:
    assert wrong(CreateInvoice, lines=[line(tax_rate="1")]) == []
    assert wrong(CreateInvoice, lines=[line(tax_rate="10")]) == [("/lines/0/tax_rate", "INVALID")]


@pytest.mark.parametrize(
    "value", ["2026-02-29", "2026-7-1", "01.07.2026", "2026-07-01T00:00:00Z", 20260701, "3000-01-01"]
)
def test_what_is_no_date_is_refused(value: object) -> None:
    assert wrong(CreateInvoice, issue_date=value) == [("/issue_date", "INVALID")]


def test_a_date_out_of_reach_is_told_in_words() -> None:
    with pytest.raises(ValidationError) as caught:
        CreateInvoice.model_validate({**example(CreateInvoice), "issue_date": "1969-12-31"})

    assert [problem.detail for problem in problems_of(caught.value)] == ["must be a date from 1970-01-01 to 2999-12-31"]


@given(st.dates(date(1970, 1, 1), date(2999, 12, 31)))
def test_a_date_is_read_as_it_is_written(day: date) -> None:
    assert CreateInvoice.model_validate({**example(CreateInvoice), "issue_date": day.isoformat()}).issue_date == day


def test_a_payment_is_more_than_nothing() -> None:
    assert wrong(RecordPayment, amount="0.01", reference=None) == []
    assert wrong(RecordPayment, amount="0") == [("/amount", "INVALID")]
    assert wrong(RecordPayment, amount="-1") == [("/amount", "INVALID")]


def test_a_flag_is_true_or_false() -> None:
    assert wrong(SendInvoice, resend="yes") == [("/resend", "INVALID")]


def test_a_conflict_is_resolved_by_a_text_or_an_address() -> None:
    assert wrong(ResolveConflict, value={"city": "Perth"}) == []
    assert wrong(ResolveConflict, value={"city": 5}) == [("/value/city", "INVALID")]
    assert wrong(ResolveConflict, value="x" * 201) == [("/value", "TOO_LONG")]
    assert wrong(ResolveConflict, value=5) == [("/value", "INVALID")]
    assert wrong(ResolveConflict, choose="mine") == [("/choose", "INVALID")]


def test_an_import_needs_no_request_id() -> None:
    assert wrong(ImportCustomer, request_id=None) == []
    assert wrong(ImportCustomer, request_id="x" * 101) == [("/request_id", "TOO_LONG")]
