"""What is promised of imports is broken once each, and the ledger names it."""

from dataclasses import replace

import pytest

from tests.faults.ledger.asked import Asked
from tests.faults.ledger.audit import Evidence, audit
from tests.faults.ledger.planted import Break, Planted, rules_named_after
from tests.faults.ledger.story_of_imports import (
    LINK,
    an_import_answered,
    an_import_done,
    an_import_refused,
    the_imported,
)
from tests.faults.ledger.story_of_one import EMAIL, ID, TERMS, a_customer, an_answer, an_event
from tests.faults.ledger.whole_story import all_was_kept

PLANTED = Planted()
breaks = PLANTED.breaks


@breaks("an import has one end")
def an_import_that_nobody_ends(seen: Evidence) -> None:
    seen.customers = [one for one in seen.customers if one.body.get("request_id") != "again"]


@breaks("an import has one end")
def an_import_done_twice(seen: Evidence) -> None:
    seen.customers.append(replace(an_import_done(40, "again", "told-2", created=False), id="another"))


@breaks("an import has one end")
def an_import_done_and_refused(seen: Evidence) -> None:
    seen.answers.append(an_import_refused(40, "again", "INVALID"))


@breaks("an import has one end")
def an_import_refused_twice(seen: Evidence) -> None:
    seen.answers.append(replace(an_import_refused(40, "nobody", "NOT_FOUND"), id="another"))


@breaks("an import is answered once")
def an_account_answered_twice(seen: Evidence) -> None:
    seen.psa.append(an_import_answered(40, "again", "told-9"))


@breaks("an import is answered once")
def a_customer_of_an_account_that_nobody_read(seen: Evidence) -> None:
    del seen.psa[1]


@breaks("an import ends as it has to")
def a_customer_made_of_what_should_be_refused(seen: Evidence) -> None:
    seen.asked["import"].sets = {**LINK, "ends": ("INVALID", "existing")}


@breaks("an import ends as it has to")
def an_import_refused_though_the_account_is_there(seen: Evidence) -> None:
    seen.asked["nobody"].sets = {**LINK, "ends": ("created", "existing")}


@breaks("an import ends as it has to")
def an_import_refused_as_if_the_psa_had_been_away(seen: Evidence) -> None:
    seen.imports.away = [(1.0, 2.0)]
    seen.answers[-1] = an_import_refused(10, "nobody", "UNAVAILABLE")


@breaks("an account has one customer")
def a_second_customer_of_one_account(seen: Evidence) -> None:
    of_another = the_imported(customer_id="c3")
    done = an_event(24, "CustomerImported", "told-2", of_another, request_id="again", created=True)
    seen.customers[-1] = done


@breaks("an account has one customer")
def an_account_given_on_that_nobody_gave_back(seen: Evidence) -> None:
    seen.asked["take"] = Asked("take", "LinkIntegration", "kafka", ID, {"integration": LINK}, began=70.0, ended=71.0)
    linked = a_customer(4, company_name="n2", email=EMAIL, payment_terms=TERMS, integration=LINK)
    seen.customers.append(an_event(30, "CustomerLinked", "take", linked))


@breaks("one import says that it made the customer")
def two_imports_that_say_they_made_it(seen: Evidence) -> None:
    seen.customers[-1] = an_import_done(24, "again", "told-2", created=True)


@breaks("one import says that it made the customer")
def a_customer_that_no_import_says_it_made(seen: Evidence) -> None:
    seen.customers[-2] = replace(an_import_done(23, "import", "told-1", created=False), id=seen.customers[-2].id)


@breaks("an import shows the customer of its account")
def an_import_that_found_the_customer_of_another_account(seen: Evidence) -> None:
    seen.asked["again"].sets = {**LINK, "account_id": "9", "ends": ("created", "existing")}


@breaks("an import shows its customer as it was")
def an_import_that_shows_another_customer(seen: Evidence) -> None:
    other = the_imported(email="ap@two.example")
    seen.customers[-1] = an_event(24, "CustomerImported", "told-2", other, request_id="again", created=False)


@breaks("the state is what the commands made it")
def an_account_that_was_taken_over_wrongly(seen: Evidence) -> None:
    wrong = the_imported(contact_number="+31207946008")
    seen.customers[-5:-3] = [
        an_event(20, "CustomerCreated", "told-1", wrong, source="import"),
        an_event(21, "CustomerLinked", "told-1", wrong),
    ]


@breaks("a change is told by its events, once")
def a_link_that_is_not_told(seen: Evidence) -> None:
    del seen.customers[-4]


@breaks("no import is left open")
def an_import_left_open(seen: Evidence) -> None:
    seen.imports.shown["again"] = {"status": "answered", "customer_id": None, "created": None, "code": None}


@breaks("no import is left open")
def an_import_that_is_not_shown(seen: Evidence) -> None:
    del seen.imports.shown["nobody"]


@breaks("only what was asked happens")
def an_import_that_nobody_asked_for(seen: Evidence) -> None:
    seen.answers.append(an_import_refused(40, "who?", "NOT_FOUND"))


@breaks("a refused command has no effect")
def an_account_read_for_a_request_without_form(seen: Evidence) -> None:
    wrong = Asked(
        "wrong import",
        "ImportCustomer",
        "kafka",
        "",
        {**LINK, "ends": ()},
        must_be_refused=True,
        began=60.0,
        ended=61.0,
    )
    seen.asked["wrong import"] = wrong
    seen.answers.append(an_answer(41, "wrong import", id="answer-3"))
    seen.psa.append(an_import_answered(40, "wrong import", "told-9"))


@pytest.mark.parametrize(("rule", "plant"), PLANTED.values(), ids=PLANTED)
def test_a_broken_promise_is_named(rule: str, plant: Break) -> None:
    assert rule in rules_named_after(plant)


def test_an_import_may_be_refused_where_its_psa_was_away_since_it_was_asked_for() -> None:
    seen = all_was_kept()
    seen.imports.away = [(1.0, seen.asked["nobody"].began + 1)]
    seen.answers[-1] = an_import_refused(10, "nobody", "UNAVAILABLE")
    seen.imports.shown["nobody"]["code"] = "UNAVAILABLE"

    assert audit(seen) == []
