"""What is promised of both sides of a link is broken once each, field by field, and the ledger names it."""

import json
from dataclasses import replace
from typing import Any, Final

import pytest

from tests.faults.ledger.asked import Asked
from tests.faults.ledger.audit import Evidence, audit
from tests.faults.ledger.planted import Break, Planted, rules_named_after
from tests.faults.ledger.story_of_imports import (
    ADDRESS,
    ADDRESS_THERE,
    IMPORTED,
    LINK,
    a_conflict,
    a_push,
    an_account_changed,
    the_imported,
)
from tests.faults.ledger.story_of_one import ID, an_event
from tests.faults.ledger.whole_story import all_was_kept, asks

PLANTED = Planted()
breaks = PLANTED.breaks
MOVED: Final = ADDRESS | {"line1": "Nieuwe Rijn 8"}
CHANGES: Final[dict[str, tuple[Any, Any]]] = {
    "company_name": ("at 7", "at 8"),
    "contact_number": ("+31207946007", "+31207946008"),
    "company_address": (ADDRESS, MOVED),
    "reference": ("N-7", "N-8"),
}
"""Of each field from what it is in the story, and to what."""
OTHER: Final[dict[str, Any]] = {
    "company_name": "at 6",
    "contact_number": "+31 20 794 6006",
    "company_address": ADDRESS | {"city": "Delft"},
    "reference": None,
}


def takes_over(seen: Evidence, told: dict[str, tuple[Any, Any]], *, link_version: int = 1, **made: Any) -> None:
    """A PSA tells of changes, and they make the customer's second version: so, or `made` in another way."""
    after = the_imported(2, **{name: to for name, (_, to) in told.items()} | made)
    seen.psa.append(an_account_changed(50, "changed", link_version=link_version, **told))
    seen.customers.append(an_event(30, "CustomerUpdated", "changed", after))
    seen.shown[IMPORTED], seen.store.versions[IMPORTED] = after, 2
    seen.store.links[IMPORTED] = (2, LINK)
    seen.imports.accounts["n1", "7"] |= {name: to for name, (_, to) in told.items()}


@breaks("the state is what the commands made it")
def a_change_of_an_account_that_was_half_taken_over(seen: Evidence) -> None:
    takes_over(seen, CHANGES, reference="N-7")


@breaks("the state is what the commands made it")
def a_field_that_was_changed_here_and_taken_over_all_the_same(seen: Evidence) -> None:
    takes_over(seen, CHANGES | {"contact_number": ("+31207946000", "+31207946008")})


@breaks("the state is what the commands made it")
def a_change_that_was_seen_under_another_link(seen: Evidence) -> None:
    takes_over(seen, CHANGES, link_version=2)


@breaks("the state is what the commands made it")
def a_field_that_no_psa_told_of(seen: Evidence) -> None:
    takes_over(seen, {"company_name": ("at 7", "at 8")}, company_address=MOVED)


@breaks("a change is told by its events, once")
def a_version_that_a_psa_made_of_nothing(seen: Evidence) -> None:
    takes_over(seen, {"company_name": ("at 6", "at 7")})


@breaks("a change is told from what the customer was")
def a_change_from_what_never_was(seen: Evidence) -> None:
    seen.psa.append(an_account_changed(50, "changed", company_address=(OTHER["company_address"], MOVED)))


@breaks("a change is told to what the account has")
def a_change_to_what_the_account_does_not_have(seen: Evidence) -> None:
    takes_over(seen, CHANGES)
    told = seen.psa.pop()
    account = told.body["account"] | {"reference": "N-9"}
    seen.psa.append(replace(told, value=json.dumps(told.body | {"account": account}).encode()))


@breaks("only what was asked happens")
def a_change_of_an_account_that_no_psa_told_of(seen: Evidence) -> None:
    seen.customers.append(an_event(30, "CustomerUpdated", "changed", the_imported(2, company_name="at 8")))


@breaks("what is pushed is what the customer had")
def a_push_of_what_the_customer_never_had(seen: Evidence) -> None:
    seen.psa.append(a_push(60, 1, company_name="at 7", company_address=OTHER["company_address"]))


@breaks("what is pushed is what the customer had")
def a_push_of_a_version_that_never_was(seen: Evidence) -> None:
    seen.psa.append(a_push(60, 2, company_name="at 7"))


@breaks("a link is known as it was said last")
def a_link_that_psa_sync_svc_does_not_know(seen: Evidence) -> None:
    del seen.store.links[IMPORTED]


@breaks("a link is known as it was said last")
def a_link_that_nobody_has(seen: Evidence) -> None:
    seen.store.links[ID] = (3, LINK)


@breaks("a linked customer and its account are alike")
def a_change_that_was_not_pushed_after_its_conflict_was_resolved(seen: Evidence) -> None:
    seen.imports.accounts["n1", "7"]["company_name"] = "at 6"
    seen.psa += [a_conflict(60, "ConflictFound"), a_conflict(61, "ConflictResolved")]


@breaks("a linked customer and its account are alike")
def a_change_beside_a_conflict_of_another_field(seen: Evidence) -> None:
    seen.imports.accounts["n1", "7"]["reference"] = "N-6"
    seen.psa.append(a_conflict(60, "ConflictFound"))


@breaks("a linked customer and its account are alike")
def a_number_that_was_not_pushed_over_what_was_none(seen: Evidence) -> None:
    seen.imports.accounts["n1", "7"]["contact_number"] = "ask at the desk"


@pytest.mark.parametrize(("rule", "plant"), PLANTED.values(), ids=PLANTED)
def test_a_broken_promise_is_named(rule: str, plant: Break) -> None:
    assert rule in rules_named_after(plant)


@pytest.mark.parametrize("field", CHANGES)
def test_each_field_of_both_sides_is_judged(field: str) -> None:
    seen = all_was_kept()
    seen.imports.accounts["n1", "7"][field] = OTHER[field]

    assert [(one.rule, one.about) for one in audit(seen)] == [("a linked customer and its account are alike", IMPORTED)]


@pytest.mark.parametrize("field", CHANGES)
def test_each_field_that_a_psa_tells_of_is_judged(field: str) -> None:
    seen = all_was_kept()
    was, _ = CHANGES[field]
    takes_over(seen, {field: CHANGES[field]}, **{field: was})

    assert "the state is what the commands made it" in {one.rule for one in audit(seen)}


@pytest.mark.parametrize("field", CHANGES)
def test_a_field_in_conflict_waits_for_a_person(field: str) -> None:
    seen = all_was_kept()
    seen.imports.accounts["n1", "7"][field] = OTHER[field]
    seen.psa.append(a_conflict(60, "ConflictFound", field))

    assert audit(seen) == []


def test_what_a_psa_tells_of_an_account_is_taken_over_where_it_still_is_what_it_was() -> None:
    seen = all_was_kept()
    theirs = (ADDRESS_THERE, MOVED | {"country": "Netherlands"})
    takes_over(seen, CHANGES | {"company_address": theirs}, company_address=MOVED)

    assert audit(seen) == []


def test_a_field_that_was_changed_here_meanwhile_is_left() -> None:
    seen = all_was_kept()
    after = the_imported(2, company_name="ours")
    seen.asked["here"] = Asked("here", "UpdateCustomer", "http", IMPORTED, {"company_name": "ours"}, status=200)
    seen.asked["here"].began, seen.asked["here"].ended = 90.0, 91.0
    seen.asked["here"].version, seen.asked["here"].attempts = 2, 1
    seen.customers.append(an_event(30, "CustomerUpdated", "here", after))
    seen.psa.append(an_account_changed(50, "changed", company_name=("at 7", "at 8")))
    seen.psa.append(a_push(51, 2, company_name="ours"))
    seen.shown[IMPORTED], seen.store.versions[IMPORTED] = after, 2
    seen.store.links[IMPORTED] = (2, LINK)
    seen.imports.accounts["n1", "7"]["company_name"] = "ours"

    assert audit(seen) == []


def test_a_reference_goes_with_its_account() -> None:
    seen = all_was_kept()
    asks(seen, Asked("off", "UnlinkIntegration", "kafka", IMPORTED, {"integration": None}, began=90.0, ended=91.0))
    after = the_imported(2, integration=None)
    seen.customers.append(an_event(30, "CustomerUnlinked", "off", after))
    seen.shown[IMPORTED], seen.store.versions[IMPORTED] = after, 2
    seen.store.links[IMPORTED] = (2, None)

    assert audit(seen) == []
