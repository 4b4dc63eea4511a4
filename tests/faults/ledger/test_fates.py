"""Where invoices and customers have to be in the end: each promise is broken once, and the ledger names it."""

from typing import Any, Final

import pytest

from tests.faults.ledger.asked import Asked
from tests.faults.ledger.audit import Evidence, audit
from tests.faults.ledger.planted import Break, Planted, in_every_invoice, rules_named_after
from tests.faults.ledger.said import Said
from tests.faults.ledger.story_of_one import (
    EMAIL,
    ID,
    INVOICE,
    TERMS,
    a_command,
    a_customer,
    an_answer,
    an_event,
)
from tests.faults.ledger.whole_story import all_was_kept
from tests.faults.ledger.whole_story import asks as also_asks

PLANTED = Planted()
breaks = PLANTED.breaks


def asks(seen: Evidence, name: str, *, over: Any = "kafka", at: float = 80.0, **more: Any) -> Asked:
    """One more command about the invoice, after all that was asked before; it was taken."""
    sets = {"invoice_id": INVOICE, **more.pop("sets", {})}
    asked = Asked(name, name, over, ID, sets, began=at, ended=at + 1, attempts=1, **more)
    also_asks(seen, asked)
    return asked


def in_the_end(seen: Evidence, type_: str, cause: str, **fields: Any) -> None:
    """One more version of the invoice, which is then shown and stored."""
    state = {**seen.shown[INVOICE], **fields, "version": 7}
    seen.invoices.append(an_event(30, type_, cause, state))
    seen.shown[INVOICE], seen.store.versions[INVOICE] = state, 7


def stands(seen: Evidence, name: str, type_: str, status: str, *, version: int = 4) -> Said:
    """The customer's standing is changed, and it is shown and stored."""
    also_asks(seen, Asked(name, name, "kafka", ID, {"status": status}, began=90.0, ended=91.0))
    state = a_customer(version, company_name="n2", email=EMAIL, payment_terms=TERMS, status=status)
    event = an_event(31, type_, name, state)
    seen.customers.append(event)
    seen.shown[ID], seen.store.versions[ID] = state, version
    return event


CANCELLED: Final[dict[str, Any]] = {"state": "cancelled", "reasons": [], "message_id": None}
BY_HAND: Final[dict[str, Any]] = {"state": "held", "reasons": ["MANUAL_HOLD"], "message_id": None}


@breaks("every accepted command has its effect")
def a_lost_void(seen: Evidence) -> None:
    asks(seen, "VoidInvoice")


@breaks("no command has two effects")
def a_void_that_had_nothing_to_void(seen: Evidence) -> None:
    asks(seen, "VoidInvoice", sets={"idle": True})
    in_the_end(seen, "InvoiceVoided", "VoidInvoice", document="voided")


@breaks("only what was asked happens")
def a_void_that_nobody_asked_for(seen: Evidence) -> None:
    in_the_end(seen, "InvoiceVoided", "who?", document="voided")


@breaks("only what was asked happens")
def a_delivery_that_nobody_called_off(seen: Evidence) -> None:
    in_the_end(seen, "InvoiceDeliveryCancelled", "who?", delivery=CANCELLED)


@breaks("no invoice is stuck")
def an_invoice_voided_and_finalized_all_the_same(seen: Evidence) -> None:
    asks(seen, "VoidInvoice")
    in_the_end(seen, "InvoiceVoided", "VoidInvoice")


@breaks("no invoice is stuck")
def an_invoice_voided_without_its_number(seen: Evidence) -> None:
    asks(seen, "VoidInvoice")
    in_the_end(seen, "InvoiceVoided", "VoidInvoice", document="voided", number=None)


@breaks("no invoice is stuck")
def an_invoice_sent_though_it_was_called_off(seen: Evidence) -> None:
    asks(seen, "CancelDelivery")
    in_the_end(seen, "InvoiceDeliveryCancelled", "CancelDelivery")


@breaks("no invoice is stuck")
def an_invoice_sent_though_it_is_held_by_hand(seen: Evidence) -> None:
    asks(seen, "HoldInvoice")


@breaks("no invoice is stuck")
def an_invoice_held_by_hand_after_it_was_let_go(seen: Evidence) -> None:
    asks(seen, "HoldInvoice")
    asks(seen, "ReleaseInvoice", at=85.0)
    in_the_end(seen, "InvoiceSendBlocked", "HoldInvoice", delivery=BY_HAND)


@breaks("no invoice is stuck")
def an_invoice_held_for_less_than_holds_it(seen: Evidence) -> None:
    asks(seen, "HoldInvoice")
    stands(seen, "DisableCustomer", "CustomerDisabled", "disabled")
    in_the_end(seen, "InvoiceSendBlocked", "HoldInvoice", delivery=BY_HAND)


@breaks("a refusal has its reason")
def a_hold_refused_though_no_mail_was_tried(seen: Evidence) -> None:
    asks(seen, "HoldInvoice", may_be_refused=True)
    seen.answers.append(an_answer(41, "HoldInvoice", id="answer-3"))
    in_every_invoice(seen, delivery=BY_HAND)


@breaks("a refused command has no effect")
def a_hold_refused_and_done(seen: Evidence) -> None:
    asks(seen, "HoldInvoice", may_be_refused=True)
    seen.answers.append(an_answer(41, "HoldInvoice", id="answer-3"))
    in_the_end(seen, "InvoiceSendBlocked", "HoldInvoice", delivery=BY_HAND)


@breaks("what happens once is told once")
def an_invoice_sent_again_that_nobody_asked_for(seen: Evidence) -> None:
    again = an_event(29, "InvoiceSent", "again", seen.shown[INVOICE], message_id="<i1.2@mail>")
    seen.invoices.append(again)


@breaks("every accepted command has its effect")
def a_customer_that_should_be_disabled(seen: Evidence) -> None:
    seen.asked["off"] = Asked("off", "DisableCustomer", "http", ID, {"status": "disabled"}, began=99.0, ended=100.0)
    seen.asked["off"].status = 200


@breaks("every accepted command has its effect")
def a_customer_enabled_only_after_that_was_asked_again(seen: Evidence) -> None:
    """It was disabled when the first wish was taken, by the order of the topic."""
    stands(seen, "DisableCustomer", "CustomerDisabled", "disabled")
    seen.customers.append(stands(seen, "EnableCustomer", "CustomerEnabled", "active", version=5))
    seen.asked["on"] = Asked("on", "EnableCustomer", "kafka", ID, {"status": "active"}, began=95.0, ended=96.0)
    seen.commands += [a_command(-3, "DisableCustomer"), a_command(-2, "on"), a_command(-1, "EnableCustomer")]


@breaks("a change is told by its events, once")
def a_standing_told_as_another(seen: Evidence) -> None:
    stands(seen, "DisableCustomer", "CustomerArchived", "disabled")


@pytest.mark.parametrize(("rule", "plant"), PLANTED.values(), ids=PLANTED)
def test_a_broken_promise_is_named(rule: str, plant: Break) -> None:
    assert rule in rules_named_after(plant)


def test_a_standing_that_a_customer_has_needs_no_version() -> None:
    seen = all_was_kept()
    also_asks(seen, Asked("on", "EnableCustomer", "kafka", ID, {"status": "active"}, began=60.0, ended=61.0))

    assert audit(seen) == []


def test_what_was_called_off_in_time_is_not_out() -> None:
    seen = all_was_kept()
    asks(seen, "CancelDelivery", may_be_refused=True)
    del seen.invoices[3]
    seen.mails.clear()
    in_the_end(seen, "InvoiceDeliveryCancelled", "CancelDelivery", delivery=CANCELLED)

    assert audit(seen) == []


def test_what_was_too_late_to_call_off_may_be_held_all_the_same() -> None:
    """Its attempt came to nothing, and by then the customer was disabled."""
    seen = all_was_kept()
    asks(seen, "CancelDelivery", may_be_refused=True)
    seen.answers.append(an_answer(41, "CancelDelivery", id="answer-3"))
    del seen.invoices[3]
    seen.mails.clear()
    stands(seen, "DisableCustomer", "CustomerDisabled", "disabled")
    tried = {"state": "held", "reasons": ["CUSTOMER_DISABLED"], "message_id": "<i1.1@mail>"}
    in_the_end(seen, "InvoiceSendBlocked", "the attempt", delivery=tried)

    assert audit(seen) == []


def test_a_mail_that_came_to_nothing_while_its_invoice_was_voided_is_called_off_by_itself() -> None:
    seen = all_was_kept()
    asks(seen, "VoidInvoice")
    del seen.invoices[3]
    seen.mails.clear()
    in_the_end(seen, "InvoiceVoided", "VoidInvoice", document="voided")
    called_off = {**seen.shown[INVOICE], "delivery": CANCELLED, "version": 8}
    seen.invoices.append(an_event(31, "InvoiceDeliveryCancelled", "the attempt", called_off))
    seen.shown[INVOICE], seen.store.versions[INVOICE] = called_off, 8

    assert audit(seen) == []


def test_an_invoice_may_be_made_and_taken_back_where_what_forbids_it_was_heard_of_later() -> None:
    seen = all_was_kept()
    also_asks(seen, Asked("late", "CreateInvoice", "kafka", ID, {"invoice_id": "i2"}, must_be_refused=True, ended=70.0))
    seen.answers.append(an_answer(41, "late", id="answer-3"))
    fields = {"invoice_id": "i2", "number": None, "customer": None, "payment_terms": None, "due_date": None}
    made = {**seen.shown[INVOICE], **fields, "version": 1, "document": "draft", "delivery": CANCELLED}
    gone = {**made, "version": 2, "document": "discarded", "payment": {"paid": "0.00"}}
    events = [an_event(40, "InvoiceCreated", "late", made), an_event(41, "InvoiceDiscarded", "c1-archived", gone)]
    seen.invoices += [event_of("i2", one) for one in events]
    seen.shown["i2"], seen.store.versions["i2"] = gone, 2

    assert audit(seen) == []


def test_an_archived_customer_is_out_of_business_until_it_is_enabled() -> None:
    seen = all_was_kept()
    stands(seen, "ArchiveCustomer", "CustomerArchived", "archived")

    assert audit(seen) == []


def event_of(invoice_id: str, event: Said) -> Said:
    return Said(
        event.topic,
        event.partition,
        event.offset,
        event.key,
        f"{invoice_id}-{event.type}",
        event.type,
        invoice_id,
        event.cause,
        event.value,
    )
