"""What may be done with a customer, without any machinery."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_svc.domain import facts, standing
from customer_svc.domain.customer import REMEMBERED, Account, Address, Customer, Integration, Status
from customer_svc.domain.editing import create, update
from customer_svc.domain.facts import CustomerFact
from customer_svc.domain.fields import Edits, Fields, in_normal_form
from customer_svc.domain.linking import link, unlink
from customer_svc.domain.terms import EndOfMonth, Net
from shared.engine.decision import Decision, Refused

ACCOUNT, ANOTHER = Account("i1", "4711"), Account("i1", "4712")


def a_customer(**state: object) -> Customer:
    return replace(Customer("c1", "p1", "Harbour Dental", version=3), **state)  # type: ignore[arg-type]


def created(account: Account | None = None, **fields: object) -> Decision[Customer, CustomerFact]:
    kept: Fields = {"company_name": "Harbour Dental", **fields}  # type: ignore[typeddict-item]
    return create(None, customer_id="c1", partner_id="p1", fields=kept, account=account, source="manual", region="AU")


def setting(customer: Customer, version: int | None = None, **fields: object) -> Decision[Customer, CustomerFact]:
    kept: Edits = {**fields}  # type: ignore[typeddict-item]
    return update(customer, kept, source="portal", region="AU", at="/set", expected_version=version)


def problems(rule: Callable[[], object]) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        rule()
    return [(problem.pointer, problem.code) for problem in refused.value.problems]


def test_a_customer_without_email_is_announced_at_its_creation() -> None:
    assert created().facts == (facts.CustomerCreated("manual"), facts.EmailMissing("never_set"))


def test_a_creation_with_an_account_says_the_link_before_the_email() -> None:
    decision = created(account=ACCOUNT, email="ap@harbour.test", payment_terms=Net(14))

    assert decision.facts == (facts.CustomerCreated("manual"), facts.CustomerLinked(), facts.EmailConfigured())
    assert decision.state.integration == Integration("i1", "4711", link_version=1)


def test_an_id_that_is_taken_is_refused() -> None:
    taken = a_customer()

    def again() -> object:
        return create(taken, customer_id="c1", partner_id="p1", fields={}, account=None, source="manual", region=None)

    assert problems(again) == [("/customer_id", "ALREADY_EXISTS")]


def test_one_update_names_all_that_changed_and_then_what_it_means() -> None:
    decision = setting(a_customer(), email="ap@harbour.test", company_name="Harbour", payment_terms=EndOfMonth())

    assert decision.facts == (
        facts.CustomerUpdated(("company_name", "email", "payment_terms"), "portal"),
        facts.EmailConfigured(),
        facts.PaymentTermsChanged(None, EndOfMonth()),
    )


def test_losing_the_address_is_said_at_once() -> None:
    decision = setting(a_customer(email="ap@harbour.test"), email=None)

    assert decision.facts == (facts.CustomerUpdated(("email",), "portal"), facts.EmailMissing("removed"))


def test_a_blank_address_is_none() -> None:
    assert setting(a_customer(email="ap@harbour.test"), email="").state.email is None


def test_setting_what_is_there_says_nothing_and_keeps_the_very_state() -> None:
    customer = a_customer(email="ap@harbour.test", cc=("x@harbour.test",))

    decision = setting(customer, email="ap@HARBOUR.test", cc=("x@harbour.test", "X@harbour.test"))

    assert decision.state is customer
    assert decision.facts == ()


def test_a_change_made_from_an_old_version_is_refused() -> None:
    assert problems(lambda: setting(a_customer(), 2, company_name="x")) == [("/expected_version", "VERSION_MISMATCH")]


def test_what_is_not_there_cannot_be_changed() -> None:
    assert problems(lambda: unlink(None)) == [("/customer_id", "NOT_FOUND")]


def test_everything_that_is_wrong_is_named_at_once() -> None:
    wrong: dict[str, Any] = {
        "contact_number": "12",
        "email": "nobody",
        "cc": ("a@b.test", "x"),
        "company_address": Address(country="Q9"),
    }

    assert problems(lambda: setting(a_customer(), **wrong)) == [
        ("/set/company_address/country", "COUNTRY_UNKNOWN"),
        ("/set/contact_number", "PHONE_INVALID"),
        ("/set/email", "EMAIL_INVALID"),
        ("/set/cc/1", "EMAIL_INVALID"),
    ]


@pytest.mark.parametrize(
    ("known", "given", "number"),
    [
        (None, {}, "+61895550142"),
        (Address(country="DE"), {}, "+49895550142"),
        (Address(country="DE"), {"company_address": Address(country="AU")}, "+61895550142"),
        (Address(country="DE"), {"company_address": None}, "+61895550142"),
    ],
)
def test_a_national_number_is_one_of_the_address_or_else_of_the_deployment(
    known: Address | None, given: Fields, number: str
) -> None:
    fields: Fields = {"contact_number": "08 9555 0142" if number.startswith("+61") else "089 5550142", **given}

    kept, wrong = in_normal_form(fields, address=known, region="AU")

    assert (kept["contact_number"], wrong) == (number, [])


def test_an_address_of_blanks_is_none() -> None:
    assert (
        setting(a_customer(company_address=Address(city="Fremantle")), company_address=Address()).state == a_customer()
    )


def test_an_archived_customer_allows_nothing_but_to_be_enabled() -> None:
    archived = a_customer(status=Status.ARCHIVED)

    for rule in (
        lambda: setting(archived, company_name="x"),
        lambda: link(archived, ACCOUNT),
        lambda: unlink(archived),
        lambda: standing.disable(archived),
    ):
        assert problems(rule) == [("", "CONFLICT_WITH_STATE")]
    assert standing.archive(archived).facts == ()
    assert standing.enable(archived).state.status is Status.ACTIVE


def test_a_disabled_customer_may_be_edited() -> None:
    disabled = standing.disable(a_customer())

    assert disabled.facts == (facts.CustomerDisabled(),)
    assert standing.disable(disabled.state).facts == ()
    assert setting(disabled.state, email="ap@harbour.test").state.email == "ap@harbour.test"


def test_archiving_unlinks_the_account() -> None:
    decision = standing.archive(link(a_customer(), ACCOUNT).state)

    assert decision.facts == (facts.CustomerUnlinked(), facts.CustomerArchived())
    assert (decision.state.integration, decision.state.left) == (None, (ACCOUNT,))


def test_a_link_is_told_once_and_knows_its_version() -> None:
    linked = link(a_customer(), ACCOUNT)

    assert linked.facts == (facts.CustomerLinked(),)
    assert linked.state.integration == Integration("i1", "4711", link_version=4)
    assert link(linked.state, ACCOUNT).facts == ()


def test_another_account_takes_the_place_of_the_first() -> None:
    customer = link(link(a_customer(), ACCOUNT).state, ANOTHER).state

    assert customer.is_linked_with(ANOTHER)
    assert customer.left == (ACCOUNT,)
    assert link(customer, ACCOUNT).state.left == (ANOTHER,)


@given(st.lists(st.sampled_from([None, *(str(n) for n in range(12))])))
def test_a_customer_remembers_the_accounts_it_left_last_and_never_the_one_it_has(wanted: list[str | None]) -> None:
    customer = a_customer()
    for each in wanted:
        customer = (unlink(customer) if each is None else link(customer, Account("i1", each))).state

    assert len(customer.left) == len(set(customer.left)) <= REMEMBERED
    assert customer.integration is None or customer.integration.account not in customer.left


@given(st.lists(st.sampled_from([None, "a@b.test", "c@d.test"]), max_size=8))
def test_the_facts_of_email_always_tell_what_the_customer_now_has(addresses: list[str | None]) -> None:
    customer = a_customer()
    for address in addresses:
        before, decision = customer, setting(customer, email=address)
        customer = decision.state
        said = [fact for fact in decision.facts if isinstance(fact, facts.EmailConfigured | facts.EmailMissing)]
        assert customer.email == address
        assert bool(said) == (before.email != address)
        assert all(isinstance(fact, facts.EmailConfigured) == (address is not None) for fact in said)


STEPS: dict[str, Callable[[Customer], Decision[Customer, CustomerFact]]] = {
    "email": lambda customer: setting(customer, email="a@b.test"),
    "no email": lambda customer: setting(customer, email=None),
    "terms": lambda customer: setting(customer, payment_terms=Net(30)),
    "name": lambda customer: setting(customer, company_name="Other"),
    "link": lambda customer: link(customer, ACCOUNT),
    "unlink": unlink,
    "disable": standing.disable,
    "enable": standing.enable,
    "archive": standing.archive,
}


@given(st.lists(st.sampled_from(sorted(STEPS))))
def test_whatever_is_done_the_state_changes_exactly_when_something_is_said(steps: list[str]) -> None:
    customer = a_customer()
    for step in steps:
        try:
            decision = STEPS[step](customer)
        except Refused:
            assert customer.status is Status.ARCHIVED
            continue
        assert (decision.state is customer) == (not decision.facts)
        assert decision.state.status is not Status.ARCHIVED or decision.state.integration is None
        customer = decision.state
