"""Waiting times, times and ids: the small things that come in many forms."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psa_sync_svc.adapters.autotask.mapping import account_of, asked_since
from psa_sync_svc.adapters.reply import waiting_time
from psa_sync_svc.adapters.values import number_of
from psa_sync_svc.domain.account import Address


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2016-03-30T13:10:35.563", "2016-03-30T13:10:35.563000Z"),
        ("2016-03-30T13:10:35", "2016-03-30T13:10:35.000000Z"),
        ("2016-03-30T13:10:35.5", "2016-03-30T13:10:35.500000Z"),
        ("2016-03-30T13:10:35.1234567", "2016-03-30T13:10:35.123456Z"),
        ("2016-03-30T13:10:35.56Z", "2016-03-30T13:10:35.560000Z"),
        ("2016-03-30T13:10:35+02:00", "2016-03-30T11:10:35.000000Z"),
        ("yesterday", None),
        (None, None),
        (5, None),
    ],
)
def test_times_are_utc_with_any_number_of_digits(written: object, read: str | None) -> None:
    company = {"id": 1, "companyName": "A", "lastTrackedModifiedDateTime": written}

    assert account_of(company, {}).modified_at == read


def test_a_company_that_was_never_changed_has_the_time_of_its_creation() -> None:
    company = {"id": 1, "companyName": "A", "createDate": "2016-03-30T13:10:35"}

    assert account_of(company, {}).modified_at == "2016-03-30T13:10:35.000000Z"


def test_empty_null_and_blank_are_none() -> None:
    company = {"id": 0, "companyName": "A", "phone": "", "address1": None, "city": "  ", "companyNumber": ""}

    found = account_of(company, {})

    assert (found.contact_number, found.company_address, found.reference) == (None, None, None)
    assert found.active


def test_a_country_is_its_code_and_none_where_it_is_not_known() -> None:
    company = {"id": 1, "companyName": "A", "countryID": 149}

    assert account_of(company, {149: "NL"}).company_address == Address(country="NL")
    assert account_of(company, {}).company_address is None


@given(st.integers(min_value=0, max_value=2**63 - 1))
def test_an_id_has_one_spelling(number: int) -> None:
    assert number_of(str(number)) == number
    assert number_of(f"0{number}") is None
    assert number_of(f"-{number}") is None
    assert number_of(f" {number}") is None


@given(st.text())
def test_any_text_is_an_id_or_none(text: str) -> None:
    number = number_of(text)

    assert number is None or str(number) == text


@given(st.datetimes(min_value=datetime(2001, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_what_was_changed_is_asked_for_from_earlier_on(moment: datetime) -> None:
    asked = datetime.fromisoformat(asked_since(moment.isoformat(), 120.0)).replace(tzinfo=UTC)

    assert timedelta(seconds=120) <= moment - asked < timedelta(seconds=120.002)


@pytest.mark.parametrize(
    ("named", "seconds"),
    [("7", 7.0), (" 30 ", 30.0), ("0", 1.0), ("999999999", 3600.0), ("9" * 400, 3600.0), ("soon", None), ("", None)],
)
def test_waiting_times_are_bounded(named: str, seconds: float | None) -> None:
    assert waiting_time(named) == seconds


def test_a_waiting_time_may_be_a_date() -> None:
    soon, past = datetime.now(UTC) + timedelta(seconds=90), datetime.now(UTC) - timedelta(days=9)

    assert 0 < (waiting_time(format_datetime(soon, usegmt=True)) or 0) <= 90
    assert waiting_time(format_datetime(past, usegmt=True)) == 1.0
    assert waiting_time("Fri, 31 Feb 2026 99:00:00 GMT") is None
    assert waiting_time(None) is None
