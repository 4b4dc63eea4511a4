"""A checker that cannot fail is worth nothing: each promise is broken once, and the ledger names it."""

from dataclasses import replace

import pytest

from tests.faults.ledger.asked import Asked
from tests.faults.ledger.audit import Evidence, audit, counts
from tests.faults.ledger.mails import Mail
from tests.faults.ledger.planted import Break, Planted, rules_named_after
from tests.faults.ledger.said import Said
from tests.faults.ledger.story_of_one import (
    EMAIL,
    ID,
    INVOICE,
    a_command,
    a_customer,
    an_answer,
    an_event,
    an_invoice,
)
from tests.faults.ledger.whole_story import all_was_kept

PLANTED = Planted()
breaks = PLANTED.breaks


def test_where_every_promise_was_kept_the_ledger_has_nothing_to_object() -> None:
    assert audit(all_was_kept()) == []


def test_what_was_said_or_answered_again_is_counted_and_no_finding() -> None:
    told = counts(all_was_kept())

    assert (told["events said again"], told["answers said again"]) == (2, 1)
    assert (told["commands"], told["accepted"], told["refused"]) == (9, 8, 1)
    assert (told["imports that made a customer"], told["imports that found one"], told["imports refused"]) == (1, 1, 1)


@breaks("every accepted command has its effect")
def a_lost_command(seen: Evidence) -> None:
    seen.asked["lost"] = Asked("lost", "UpdateCustomer", "kafka", ID, {"company_name": "n9"}, began=99, ended=100)


@breaks("every accepted command has its effect")
def a_lost_payment(seen: Evidence) -> None:
    paid = {"invoice_id": INVOICE, "amount": "1.00"}
    seen.asked["lost"] = Asked("lost", "RecordPayment", "kafka", ID, paid, began=99, ended=100)


@breaks("no command has two effects")
def an_update_carried_out_twice(seen: Evidence) -> None:
    again = a_customer(4, company_name="n2", email=EMAIL, payment_terms={"kind": "net", "days": 7})
    seen.customers.append(replace(an_event(9, "CustomerUpdated", "email", again), id="another"))


@breaks("no command has two effects")
def an_invoice_made_twice(seen: Evidence) -> None:
    twin = replace(an_event(9, "InvoiceCreated", "make", an_invoice(1)), id="another", subject="i2")
    seen.invoices.append(twin)


@breaks("no version is missing")
def a_version_that_was_never_said(seen: Evidence) -> None:
    seen.customers = [one for one in seen.customers if one.cause != "email"]


@breaks("only what was asked happens")
def a_refused_command_with_an_effect(seen: Evidence) -> None:
    seen.customers.append(an_event(9, "CustomerUpdated", "wrong", a_customer(4)))


@breaks("the state is what the commands made it")
def an_update_that_lost_what_was_set_before(seen: Evidence) -> None:
    without = a_customer(3, company_name="n2", payment_terms={"kind": "net", "days": 7})
    seen.customers[5] = an_event(5, "CustomerUpdated", "terms", without)


@breaks("a change is told by its events, once")
def an_event_that_is_missing(seen: Evidence) -> None:
    del seen.customers[3]


@breaks("first occurrences in order of versions")
def a_version_gone_back(seen: Evidence) -> None:
    seen.customers[3] = replace(seen.customers[3], offset=9)


@breaks("one id, one content")
def an_id_that_says_two_things(seen: Evidence) -> None:
    seen.customers[4] = replace(seen.customers[4], value=seen.customers[4].value + b" ")


@breaks("the order of the topic is kept")
def a_command_that_overtook_another(seen: Evidence) -> None:
    seen.commands.insert(0, replace(a_command(0, "terms"), offset=-1))


@breaks("every record is produced twice")
def a_record_that_was_produced_once(seen: Evidence) -> None:
    del seen.commands[-1]


@breaks("a repeat comes soon")
def a_repeat_that_comes_after_too_many_others(seen: Evidence) -> None:
    others = [a_command(100 + place, f"other {place}") for place in range(32)]
    seen.commands = [*seen.commands, *others, a_command(200, "terms")]


@breaks("what was answered stays before what was asked later")
def an_answered_request_that_comes_after_a_later_one(seen: Evidence) -> None:
    seen.asked["email"].began, seen.asked["email"].ended = 90.0, 91.0
    seen.asked["terms"].over, seen.asked["terms"].status, seen.asked["terms"].version = "http", 200, 3


@breaks("an answer tells its own version")
def an_answer_with_another_version(seen: Evidence) -> None:
    seen.asked["email"].version = 1


@breaks("every command is taken")
def a_command_that_nobody_took(seen: Evidence) -> None:
    seen.asked["terms"].ended = None


@breaks("a refused command has one answer")
def a_refusal_without_an_answer(seen: Evidence) -> None:
    seen.answers.clear()


@breaks("a refused command has one answer")
def a_refusal_with_two_answers(seen: Evidence) -> None:
    seen.answers.append(an_answer(2, "wrong", id="answer-2"))


@breaks("a refused command has one answer")
def an_accepted_command_that_is_refused_too(seen: Evidence) -> None:
    seen.answers.append(an_answer(2, "terms", id="answer-2"))


@breaks("only commands are answered")
def an_answer_to_nobody(seen: Evidence) -> None:
    seen.answers.append(an_answer(2, "who?", id="answer-2"))


@breaks("a request is answered by what became of it")
def a_request_refused_that_had_its_effect(seen: Evidence) -> None:
    seen.asked["email"].status = 409


@breaks("nothing that can be read is a dead letter")
def a_good_command_put_aside(seen: Evidence) -> None:
    seen.dead_letters.append("customers.dlq[0]@0")


@breaks("no number is missing")
def a_number_left_out(seen: Evidence) -> None:
    seen.invoices.append(_of_another(an_invoice(2, number="T-00003")))


@breaks("no number is given twice")
def a_number_given_twice(seen: Evidence) -> None:
    seen.invoices.append(_of_another(an_invoice(2)))


@breaks("an invoice keeps its number")
def a_number_that_changed(seen: Evidence) -> None:
    seen.invoices.append(an_event(9, "InvoiceOverdue", "x", an_invoice(6, number="T-00002")))


@breaks("no mail is sent twice")
def a_doubled_mail(seen: Evidence) -> None:
    seen.mails *= 2


@breaks("what is sent was mailed")
def a_lost_mail(seen: Evidence) -> None:
    seen.mails.clear()


@breaks("only what is sent was mailed")
def a_mail_that_no_invoice_knows_of(seen: Evidence) -> None:
    seen.mails.append(Mail("<i1.2@mail>", (EMAIL,)))


@breaks("a mail goes to its customer")
def a_mail_to_somebody_else(seen: Evidence) -> None:
    seen.mails[0] = Mail("<i1.1@mail>", ("other@two.example",))


@breaks("an invoice says what was asked")
def an_invoice_over_another_amount(seen: Evidence) -> None:
    seen.asked["make"].sets["total"] = "13"


@breaks("payments add up")
def a_payment_counted_twice(seen: Evidence) -> None:
    seen.asked["pay"].sets["amount"] = "1.00"


@breaks("what happens once is told once")
def an_invoice_sent_twice(seen: Evidence) -> None:
    again = an_event(9, "InvoiceSent", "work", seen.shown[INVOICE], message_id="<i1.1@mail>")
    seen.invoices.append(replace(again, id="another"))


@breaks("only what was held is released")
def a_release_of_what_was_never_held(seen: Evidence) -> None:
    seen.invoices.append(an_event(9, "InvoiceReleased", "work", seen.shown[INVOICE]))


@breaks("no invoice is stuck")
def an_invoice_that_is_never_sent(seen: Evidence) -> None:
    seen.invoices = seen.invoices[:3]


@breaks("no invoice is stuck")
def an_invoice_held_though_there_is_an_address(seen: Evidence) -> None:
    held = an_invoice(7, delivery={"state": "held", "reasons": ["EMAIL_MISSING"], "message_id": None})
    seen.invoices.append(an_event(9, "InvoiceSendBlocked", "work", held))


@breaks("no invoice is stuck")
def an_invoice_without_its_number(seen: Evidence) -> None:
    seen.invoices = seen.invoices[:1]


@breaks("an invoice freezes its customer as it was")
def a_snapshot_of_what_never_was(seen: Evidence) -> None:
    customer = {"version": 2, "company_name": "n1", "email": EMAIL}
    end = {**seen.shown[INVOICE], "customer": customer}
    seen.invoices[-1] = an_event(4, "InvoicePaymentRecorded", "pay", end)


@breaks("the topic's highest version is the store's")
def a_version_that_only_the_store_has(seen: Evidence) -> None:
    seen.store.versions[ID] = 4


@breaks("the topic's highest version is the store's")
def an_invoice_that_only_the_store_has(seen: Evidence) -> None:
    seen.store.versions["i2"] = 1


@breaks("what is read is what was said last")
def a_reader_who_is_shown_something_else(seen: Evidence) -> None:
    seen.shown[ID] = seen.shown[ID] | {"email": "x@y.example"}


@breaks("the outboxes are empty")
def a_fact_left_unsaid(seen: Evidence) -> None:
    seen.store.unsaid.append(ID)


@breaks("no work is left open")
def a_job_left_over(seen: Evidence) -> None:
    seen.store.open_work.append("deliver/i1")


@pytest.mark.parametrize(("rule", "plant"), PLANTED.values(), ids=PLANTED)
def test_a_broken_promise_is_named(rule: str, plant: Break) -> None:
    assert rule in rules_named_after(plant)


def _of_another(invoice: dict[str, object]) -> Said:
    event = an_event(9, "InvoiceFinalized", "x", {**invoice, "invoice_id": "i2"})
    return replace(event, id="another", subject="i2")
