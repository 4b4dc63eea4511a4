"""What is said of a message whose form is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.contracts.base import Problem
from shared.contracts.customers import CreateCustomer
from shared.contracts.invoices import CreateInvoice
from shared.contracts.reading import MOST, problems_in, problems_of

SECRET = "very-private@example.com"

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.just(SECRET) | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(["kind", "city", "days"]), inside),
    max_leaves=5,
)


def problems(data: object, message: type[CreateCustomer | CreateInvoice] = CreateCustomer) -> tuple[Problem, ...]:
    with pytest.raises(ValidationError) as caught:
        message.model_validate(data)
    return problems_of(caught.value)


def test_everything_that_was_wrong_is_named_at_once() -> None:
    found = problems({"company_name": 5, "email": ["x"], "payment_terms": {"kind": "net", "days": 1000}})

    assert {(problem.pointer, problem.code, problem.detail) for problem in found} == {
        ("/partner_id", "REQUIRED", "a value is needed here"),
        ("/company_name", "INVALID", "must be a string"),
        ("/email", "INVALID", "must be a string"),
        ("/payment_terms/days", "INVALID", "must be 999 or less"),
    }


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(CreateCustomer.model_fields, anything)))
def test_a_detail_never_repeats_what_was_sent(data: dict[str, object]) -> None:
    try:
        CreateCustomer.model_validate(data)
    except ValidationError as error:
        found = problems_of(error)
        assert not [problem for problem in found if SECRET in problem.detail]
        assert all(problem.code.isupper() and problem.pointer.startswith("/") for problem in found)


def test_the_choices_are_named_and_the_choice_is_not() -> None:
    [found] = problems({"partner_id": "p", "company_name": "x", "payment_terms": {"kind": SECRET}})

    assert found.pointer == "/payment_terms/kind"
    assert SECRET not in found.detail
    assert "'net'" in found.detail


def test_what_is_no_object_is_refused_as_a_whole() -> None:
    [found] = problems([1])

    assert (found.pointer, found.code, found.detail) == ("", "INVALID", "must be an object")


def test_bad_json_is_refused_as_a_whole() -> None:
    with pytest.raises(ValidationError) as caught:
        CreateCustomer.model_validate_json(b"{")

    [found] = problems_of(caught.value)
    assert (found.pointer, found.detail) == ("", "is not valid JSON")


def test_a_message_wrong_in_a_thousand_places_gets_a_short_answer() -> None:
    found = problems({"partner_id": "p", "customer_id": "x", "currency": "AUD", "lines": [{}] * 400}, CreateInvoice)

    assert len(found) == MOST
    assert "more problems" in found[-1].detail


def test_the_first_parts_of_a_place_can_be_left_out() -> None:
    [found] = problems_in([{"type": "missing", "loc": ("body", "email"), "msg": "", "input": {}}], prefix=1)

    assert found.pointer == "/email"
