"""The service as a whole, without a broker: commands in, events and answers out."""

from typing import Any
from uuid import uuid4

import pytest

from customer_svc.domain.customer import Account
from shared.contracts import customers
from shared.contracts.psa import ImportAnswered, PsaAccount
from shared.contracts.shapes import PsaAddress
from shared.contracts.topics import ANSWERS, CUSTOMERS_COMMANDS, PSA
from shared.engine.decision import Problem, Refused

INTEGRATION = str(uuid4())
ACCOUNT = Account(INTEGRATION, "4711")
PARTNER = "harbour-it"


def creating(**fields: Any) -> customers.CreateCustomer:
    return customers.CreateCustomer(**{"partner_id": PARTNER, "company_name": "Harbour Dental", **fields})


def updating(customer_id: str, **fields: Any) -> customers.UpdateCustomer:
    return customers.UpdateCustomer.model_validate({"partner_id": PARTNER, "customer_id": customer_id, "set": fields})


def linking(customer_id: str, account: Account = ACCOUNT) -> customers.LinkIntegration:
    return customers.LinkIntegration(
        partner_id=PARTNER,
        customer_id=customer_id,
        integration_id=account.integration_id,
        account_id=account.account_id,
    )


def unlinking(customer_id: str) -> customers.UnlinkIntegration:
    return customers.UnlinkIntegration(partner_id=PARTNER, customer_id=customer_id)


def importing(request_id: str = "r1", **account: Any) -> ImportAnswered:
    held = {"account_id": ACCOUNT.account_id, "company_name": "Wattle Clinic", **account}
    return ImportAnswered(
        request_id=request_id,
        partner_id=PARTNER,
        integration_id=INTEGRATION,
        provider="autotask",
        account=PsaAccount(**held),
    )


def link() -> dict[str, str]:
    return {"integration_id": ACCOUNT.integration_id, "account_id": ACCOUNT.account_id}


async def test_a_command_says_its_events_once_however_often_it_comes(service: Any) -> None:
    customer_id = str(uuid4())
    for _ in range(2):
        await service.command(creating(customer_id=customer_id), "c1")
        await service.command(updating(customer_id, email="ap@harbour.test", company_name="Harbour"), "c2")

    assert service.names() == ["CustomerCreated", "EmailMissing", "CustomerUpdated", "EmailConfigured"]
    assert [data["customer"]["version"] for _, data in service.said()] == [1, 1, 2, 2]
    assert service.said()[2][1]["changed"] == ["company_name", "email"]


async def test_a_customer_created_without_an_id_gets_one_that_a_repeat_gets_too(service: Any) -> None:
    await service.command(creating(), "c1")
    await service.command(creating(), "c1")

    assert service.names() == ["CustomerCreated", "EmailMissing"]


async def test_a_refused_command_is_answered_once_with_every_field_that_was_wrong(service: Any) -> None:
    wrong = creating(email="nobody", contact_number="12", cc=("x",), company_address={"country": "Q9"})
    await service.command(wrong, "c1")
    await service.command(wrong, "c1")

    [(name, answer)] = service.said(ANSWERS)
    assert name == "CommandRejected"
    assert answer["command_id"] == "c1"
    pointers = {problem["pointer"] for problem in answer["errors"]}
    assert pointers == {"/email", "/contact_number", "/cc/0", "/company_address/country"}


async def test_another_partner_can_neither_change_nor_see_that_there_is_a_customer(service: Any) -> None:
    customer_id = str(uuid4())
    await service.command(creating(customer_id=customer_id))
    theirs = customers.DisableCustomer(partner_id="other", customer_id=customer_id)
    await service.command(theirs, partner="other")

    [(_, answer)] = service.said(ANSWERS)
    assert (answer["partner_id"], answer["errors"][0]["code"]) == ("other", "NOT_FOUND")


async def test_a_link_of_another_partners_customer_leaves_no_claim_and_tells_nothing(service: Any) -> None:
    customer_id = str(uuid4())
    await service.command(creating(customer_id=customer_id, integration=link()))
    theirs = linking(customer_id).model_copy(update={"partner_id": "other"})
    own = creating(partner_id="other", integration=link())

    await service.command(theirs, partner="other")
    await service.command(own, partner="other")

    [(_, answer)] = service.said(ANSWERS)
    assert [problem["code"] for problem in answer["errors"]] == ["NOT_FOUND"]
    assert service.names()[-3:] == ["CustomerCreated", "CustomerLinked", "EmailMissing"]


async def test_a_creation_with_another_partners_id_leaves_no_claim(service: Any) -> None:
    customer_id = str(uuid4())
    await service.command(creating(customer_id=customer_id, integration=link()))
    await service.command(creating(partner_id="other", customer_id=customer_id, integration=link()), partner="other")

    await service.command(creating(partner_id="other", integration=link()), partner="other")

    assert [problem["code"] for _, data in service.said(ANSWERS) for problem in data["errors"]] == ["NOT_FOUND"]
    assert service.names().count("CustomerLinked") == 2


async def test_a_creation_with_an_account_and_what_follows_in_one_batch_keep_their_order(service: Any) -> None:
    customer_id = str(uuid4())
    commands = [
        creating(customer_id=customer_id, integration=link()),
        updating(customer_id, email="ap@harbour.test"),
        unlinking(customer_id),
        linking(customer_id, Account(INTEGRATION, "4712")),
    ]
    tasks = [service.task(CUSTOMERS_COMMANDS, command, f"c{n}") for n, command in enumerate(commands)]
    await service.handle(*tasks)

    assert service.names() == [
        *("CustomerCreated", "CustomerLinked", "EmailMissing"),
        *("CustomerUpdated", "EmailConfigured", "CustomerUnlinked", "CustomerLinked"),
    ]
    assert [data["customer"]["version"] for _, data in service.said()] == [1, 1, 1, 2, 2, 3, 4]
    assert (await service.claim(ACCOUNT)).customer_id is None
    assert (await service.claim(Account(INTEGRATION, "4712"))).customer_id == customer_id


async def test_an_account_has_one_customer_and_is_free_again_after_the_unlink(service: Any) -> None:
    one, two = str(uuid4()), str(uuid4())
    await service.command(creating(customer_id=one, integration=link()))
    await service.command(creating(customer_id=two))
    await service.command(linking(two))
    [(_, answer)] = service.said(ANSWERS)
    assert (answer["errors"][0]["pointer"], answer["errors"][0]["code"]) == ("/account_id", "ALREADY_LINKED")

    await service.command(unlinking(one))
    await service.command(linking(two))

    assert (await service.customer(two)).is_linked_with(ACCOUNT)
    claim = await service.claim(ACCOUNT)
    assert (claim.customer_id, claim.takers) == (two, ())


async def test_of_two_that_want_one_account_in_the_same_batch_one_gets_it(service: Any) -> None:
    one, two = str(uuid4()), str(uuid4())
    commands = [creating(customer_id=each, integration=link()) for each in (one, two)]
    await service.handle(*(service.task(CUSTOMERS_COMMANDS, c, f"c{n}") for n, c in enumerate(commands)))

    assert service.names().count("CustomerLinked") == 1
    assert service.names(ANSWERS) == ["CommandRejected"]
    assert service.said(ANSWERS)[0][1]["errors"][0]["pointer"] == "/integration/account_id"


async def test_an_archived_customer_gives_its_account_back(service: Any) -> None:
    customer_id = str(uuid4())
    await service.command(creating(customer_id=customer_id, integration=link()))
    await service.command(customers.ArchiveCustomer(partner_id=PARTNER, customer_id=customer_id))

    assert service.names()[-2:] == ["CustomerUnlinked", "CustomerArchived"]
    assert (await service.claim(ACCOUNT)).customer_id is None


async def test_imports_of_one_account_at_the_same_moment_give_the_same_customer(service: Any) -> None:
    await service.handle(*(service.task(PSA, importing(f"r{n}"), f"m{n}") for n in range(3)))

    answers = [data for name, data in service.said() if name == "CustomerImported"]
    assert service.names()[:3] == ["CustomerCreated", "CustomerLinked", "EmailMissing"]
    assert {each["customer"]["customer_id"] for each in answers} == {answers[0]["customer"]["customer_id"]}
    assert [(each["request_id"], each["created"]) for each in answers] == [("r0", True), ("r1", False), ("r2", False)]
    assert {each["customer"]["version"] for each in answers} == {1}


async def test_an_import_that_came_again_says_nothing_new(service: Any) -> None:
    await service.answer(importing(), "m1")
    said = len(service.names())
    await service.answer(importing(), "m1")

    assert len(service.names()) == said


@pytest.mark.parametrize("given_on", [False, True], ids=["nobody has it", "another has it"])
async def test_an_import_that_comes_again_after_its_customer_has_left_the_account_says_nothing(
    service: Any, given_on: bool
) -> None:
    """The broker was killed and gives again what it gave long ago: of the first import, and of one that found it."""
    await service.answer(importing("r1"), "m1")
    await service.answer(importing("r2"), "m2")
    first = service.said()[0][1]["customer"]["customer_id"]
    await service.command(customers.ArchiveCustomer(partner_id=PARTNER, customer_id=first))
    if given_on:
        await service.answer(importing("r3"), "m3")
    told = len(service.said())

    await service.answer(importing("r2"), "m2")
    await service.answer(importing("r1"), "m1")
    await service.answer(importing("r4"), "m4")

    imported = [data for name, data in service.said()[told:] if name == "CustomerImported"]
    assert [(each["request_id"], each["created"]) for each in imported] == [("r4", not given_on)]


async def test_an_import_takes_what_can_be_read_and_names_what_cannot(service: Any) -> None:
    address = PsaAddress(line1="14 Wharf St\nLevel 2", country="Nowhereland")
    await service.answer(importing(contact_number="ask reception", company_address=address, reference="W-1"))

    imported = service.said()[-1][1]
    assert imported["customer"]["contact_number"] is None
    assert imported["customer"]["company_address"]["line1"] == "14 Wharf St Level 2"
    assert imported["customer"]["integration"]["reference"] == "W-1"
    pointers = {problem["pointer"] for problem in imported["left_out"]}
    assert pointers == {"/account/contact_number", "/account/company_address/country"}


async def test_an_import_without_a_name_is_answered_by_a_refusal(service: Any) -> None:
    await service.answer(importing(company_name=" "), "m1")
    await service.answer(importing(company_name=" "), "m1")

    [(name, answer)] = service.said(ANSWERS)
    assert (name, answer["code"], answer["request_id"]) == ("ImportRefused", "INVALID", "r1")
    assert answer["errors"][0]["pointer"] == "/account/company_name"


async def test_an_account_that_a_refused_import_left_claimed_can_be_imported_later(service: Any) -> None:
    await service.answer(importing("r1", company_name=" "))
    await service.answer(importing("r2"))

    assert service.said()[-1][1]["created"] is True


def test_a_command_whose_form_is_wrong_is_told_its_wrong_values_too(service: Any) -> None:
    whole = service.table[CUSTOMERS_COMMANDS.name].whole
    form = Refused(Problem("/set/colour", "UNKNOWN_FIELD", "there is no such field"))
    data = {"set": {"colour": "red", "email": "nobody", "contact_number": "02 1234", "cc": [1], "country": "\ud800"}}

    refused = whole(customers.UpdateCustomer, data, form)

    assert [problem.pointer for problem in refused.problems] == ["/set/colour", "/set/email"]
    assert whole(customers.DisableCustomer, {"customer_id": 1}, form).problems == form.problems
    assert whole(customers.UpdateCustomer, {"set": None}, form).problems == form.problems
