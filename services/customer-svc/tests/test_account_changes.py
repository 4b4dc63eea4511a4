"""What changed at a linked account is taken over field by field, and the reference goes both ways."""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_svc.domain.account_change import FieldChange, Seen, take_account_change
from customer_svc.domain.customer import Account, Address, Customer, Integration
from customer_svc.domain.psa_account import PsaAccount
from shared.contracts import customers, psa
from shared.contracts.topics import ANSWERS

INTEGRATION = str(uuid4())
PARTNER = "harbour-it"
ADDRESS = {"line1": "14 Wharf Street", "city": "Fremantle", "country": "Australia"}


async def linked(service: Any, **account: Any) -> str:
    """A customer that was imported from the account 4711."""
    held = {"account_id": "4711", "company_name": "Wattle Clinic", "reference": "W-1", **account}
    await service.answer(
        psa.ImportAnswered(
            request_id="r1",
            partner_id=PARTNER,
            integration_id=INTEGRATION,
            provider="autotask",
            account=psa.PsaAccount(**held),
        )
    )
    id: str = service.said()[-1][1]["customer"]["customer_id"]
    return id


def changed(customer_id: str, changes: dict[str, Any], *, link_version: int = 1, **more: Any) -> psa.AccountChanged:
    return psa.AccountChanged.model_validate(
        {
            "partner_id": PARTNER,
            "integration_id": INTEGRATION,
            "account_id": "4711",
            "customer_id": customer_id,
            "changes": {name: {"from": was, "to": to} for name, (was, to) in changes.items()},
            "account": {"account_id": "4711", "company_name": "What the PSA shows"},
            "link_version": link_version,
            "seen_at": "2026-07-01T00:00:00Z",
            **more,
        }
    )


def setting(customer_id: str, **fields: Any) -> customers.UpdateCustomer:
    return customers.UpdateCustomer.model_validate({"partner_id": PARTNER, "customer_id": customer_id, "set": fields})


async def test_every_field_that_is_still_what_it_was_becomes_what_it_is_to_be(service: Any) -> None:
    id = await linked(service, contact_number="+61895550142", company_address=ADDRESS)
    changes = {
        "company_name": ("Wattle Clinic", "Wattle & Tide"),
        "contact_number": ("+61895550142", "(08) 9555 0199"),
        "company_address": (ADDRESS, ADDRESS | {"line1": "15 Wharf Street"}),
        "reference": ("W-1", None),
    }

    await service.answer(changed(id, changes))

    customer = await service.customer(id)
    assert (customer.company_name, customer.contact_number) == ("Wattle & Tide", "+61895550199")
    assert customer.company_address == Address("15 Wharf Street", city="Fremantle", country="AU")
    assert customer.reference is None
    name, event = service.said()[-1]
    assert (name, event["source"]) == ("CustomerUpdated", "psa")
    assert event["changed"] == ["company_name", "contact_number", "company_address", "reference"]


async def test_what_somebody_set_here_meanwhile_is_not_lost_and_the_other_fields_are_taken(service: Any) -> None:
    id = await linked(service)
    await service.command(setting(id, company_name="Set here"))

    await service.answer(changed(id, {"company_name": ("Wattle Clinic", "Wattle & Tide"), "reference": ("W-1", "W-2")}))

    customer = await service.customer(id)
    assert (customer.company_name, customer.reference) == ("Set here", "W-2")
    assert service.said()[-1][1]["changed"] == ["reference"]


@pytest.mark.parametrize(("link_version", "taken"), [(1, True), (7, False)])
async def test_a_change_seen_under_another_link_changes_nothing(service: Any, link_version: int, taken: bool) -> None:
    id = await linked(service)

    await service.answer(changed(id, {"company_name": ("Wattle Clinic", "Tide")}, link_version=link_version))

    assert (await service.customer(id)).company_name == ("Tide" if taken else "Wattle Clinic")


async def test_what_a_person_decided_for_both_sides_is_no_word_of_the_psa(service: Any) -> None:
    id = await linked(service)

    await service.answer(changed(id, {"company_name": ("Wattle Clinic", "Decided")}, source="portal"))

    assert (await service.customer(id)).company_name == "Decided"
    assert service.said()[-1][1]["source"] == "portal"


@pytest.mark.parametrize(
    "changes",
    [
        {"company_name": ("Wattle Clinic", "  ")},
        {"contact_number": (None, "ring Ann")},
        {"company_address": (None, {"line1": "1", "country": "Atlantis"})},
        {"reference": ("W-1", "x" * 201)},
        {"email": (None, "ann@wattle.example")},
        {"company_name": (["Wattle Clinic"], {"name": "Tide"})},
        {"company_address": ("", "1 High Street")},
    ],
)
async def test_what_no_customer_can_have_is_left(service: Any, changes: dict[str, Any]) -> None:
    before = await service.customer(id := await linked(service))
    said = len(service.said())

    await service.answer(changed(id, changes))

    assert await service.customer(id) == before
    assert len(service.said()) == said


NAMES = st.sampled_from(["Wattle", " Wattle", "Wattle\n", "Zoë", "Zoe\u0308", "Tide"])


@given(NAMES, NAMES, NAMES)
def test_a_change_is_taken_exactly_where_the_field_is_what_it_was(present: str, was: str, to: str) -> None:
    link = Integration("i", "4711", 1)
    customer = Customer("c", "p", present.strip(), integration=link)
    account = PsaAccount("4711", to)
    seen = Seen(account, Account("i", "4711"), 1, {"company_name": FieldChange(was, to)})

    after = take_account_change(customer, seen, region=None).state

    same = {"Zoe\u0308": "Zoë"}
    is_it = same.get(present.strip(), present.strip()) == same.get(was.strip(), was.strip())
    assert after.company_name == (" ".join(to.split()) if is_it else customer.company_name)


async def test_the_reference_is_set_here_too_while_the_customer_is_linked(service: Any) -> None:
    id = await linked(service)

    await service.command(setting(id, reference=" W-9 ", company_name="Tide"))

    customer = await service.customer(id)
    assert (customer.reference, customer.company_name) == ("W-9", "Tide")
    event = service.said()[-1][1]
    assert (event["changed"], event["customer"]["integration"]["reference"]) == (["company_name", "reference"], "W-9")


async def test_a_reference_that_is_set_to_what_it_is_changes_nothing(service: Any) -> None:
    id = await linked(service)
    said = len(service.said())

    await service.command(setting(id, reference="W-1"))

    assert len(service.said()) == said


async def test_a_customer_without_an_account_has_no_reference_to_set(service: Any) -> None:
    id = str(uuid4())
    await service.command(customers.CreateCustomer(partner_id=PARTNER, company_name="Wattle", customer_id=id))

    await service.command(setting(id, reference="W-9"))

    [(_, answer)] = service.said(ANSWERS)
    assert [(each["pointer"], each["code"]) for each in answer["errors"]] == [("/set/reference", "CONFLICT_WITH_STATE")]
