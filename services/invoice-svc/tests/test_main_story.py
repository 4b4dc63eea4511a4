"""The main story over the subscription table: held without an address, released when it comes, numbered, once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from invoice_svc.aggregates import ACCOUNT
from invoice_svc.domain.account import Reason
from invoice_svc.domain.invoice import Document, Sending
from invoice_svc.domain.settings import Settings
from shared.contracts import invoices
from shared.contracts.topics import ANSWERS, INVOICES_COMMANDS
from shared.engine.ports import Write
from shared.store.memory import MemoryStore

PARTNER = "harbour-it"
EMAIL = "accounts@riverside.example"


async def test_an_invoice_of_a_customer_with_an_address_is_numbered_and_queued(service: Any, customer: Any) -> None:
    await service.hear(customer.told(email="accounts@riverside.example"))
    order = customer.billed(send=True)

    await service.command(order)

    assert service.names() == ["InvoiceCreated", "InvoiceFinalized", "InvoiceQueued"]
    invoice = await service.invoice(order.invoice_id or "")
    assert (invoice.number, invoice.document, invoice.delivery.state) == ("INV-00001", "finalized", Sending.QUEUED)
    assert invoice.customer is not None
    assert (await service.counter()).drawn == ()
    assert await service.open_work() == {"deliver": 1, "overdue": 1}


async def test_without_an_address_it_is_made_and_held(service: Any, customer: Any) -> None:
    await service.hear(customer.told())
    order = customer.billed(send=True)

    await service.command(order)

    assert service.names() == ["InvoiceCreated", "InvoiceFinalized", "InvoiceSendBlocked"]
    assert service.said()[-1][1]["reasons"] == ["EMAIL_MISSING"]
    assert await service.open_work() == {"held": 1, "overdue": 1}


async def test_before_its_customer_it_waits_as_a_draft_and_goes_on_by_itself(service: Any, customer: Any) -> None:
    order = customer.billed(send=True)
    await service.command(order)
    waiting = await service.invoice(order.invoice_id or "")
    assert (waiting.document, waiting.delivery.reasons) == (Document.DRAFT, (Reason.CUSTOMER_UNKNOWN,))

    await service.hear(customer.told(email="accounts@riverside.example"))

    assert (await service.open_work())["release"] == 1
    assert (await service.engine.read_many(ACCOUNT, [customer.customer_id]))[customer.customer_id].release_due == 1


async def test_a_customer_whom_nobody_waited_for_asks_for_no_work(service: Any, customer: Any) -> None:
    await service.hear(customer.told(email="accounts@riverside.example"))

    assert await service.open_work() == {}


async def test_the_address_sets_what_is_due_with_the_same_save(service: Any, customer: Any) -> None:
    await service.hear(customer.told())
    await service.hear(customer.told(2, email="accounts@riverside.example"))

    assert await service.open_work() == {"release": 1}


async def test_an_older_version_that_comes_again_changes_nothing(service: Any, customer: Any) -> None:
    await service.hear(customer.told(3, email="accounts@riverside.example"))
    await service.hear(customer.told(2))

    account = await service.engine.read(ACCOUNT, customer.customer_id)
    assert account is not None
    assert account.email == "accounts@riverside.example"


async def test_an_address_that_comes_between_deciding_and_saving_a_hold_is_seen_after_the_save(
    service: Any, customer: Any
) -> None:
    store = Overtaken()
    service = type(service)(store)
    await service.hear(customer.told())
    store.overtake = lambda: service.hear(customer.told(2, email="accounts@riverside.example"))

    await service.command(customer.billed(send=True))

    assert service.names() == ["InvoiceCreated", "InvoiceFinalized", "InvoiceSendBlocked", "InvoiceReleased"]


class Overtaken(MemoryStore):
    """Something else happens right before the invoice's hold is saved."""

    overtake: Callable[[], Awaitable[Any]] | None = None

    async def save(self, collection: str, writes: Sequence[Write]) -> set[str]:
        held = [w for w in writes if collection == "invoices" and w.doc["q"]["delivery"] == "held"]
        if held and self.overtake is not None:
            overtake, self.overtake = self.overtake, None
            await overtake()
        return await super().save(collection, writes)


async def test_numbers_of_a_batch_have_no_gap_and_no_double(service: Any, customer: Any) -> None:
    await service.settle(Settings(PARTNER, number_prefix="HIT-", next_number=41))
    await service.hear(customer.told())
    orders = [customer.billed(finalize=True) for _ in range(20)]

    await service.handle(
        *(service.task(INVOICES_COMMANDS, order, f"m{at}", PARTNER) for at, order in enumerate(orders))
    )

    numbers = [(await service.invoice(order.invoice_id or "")).number for order in orders]
    assert numbers == [f"HIT-{at:05d}" for at in range(41, 61)]
    counters = await service.store.find("counters", {})
    assert [doc["rev"] for doc in counters] == [2], "one write draws, one forgets"


async def test_invoices_of_two_instances_at_once_have_no_gap_and_no_double(service: Any, customer: Any) -> None:
    await service.hear(customer.told())
    orders = [customer.billed(finalize=True) for _ in range(12)]

    await asyncio.gather(*(service.command(order) for order in orders))

    numbers = {(await service.invoice(order.invoice_id or "")).number for order in orders}
    assert numbers == {f"INV-{at:05d}" for at in range(1, 13)}


async def test_the_same_command_twice_has_its_effect_once(service: Any, customer: Any) -> None:
    await service.hear(customer.told(email="accounts@riverside.example"))
    order = customer.billed(invoice_id=None, send=True)

    await service.command(order, id="again")
    await service.command(order, id="again")

    assert service.names() == ["InvoiceCreated", "InvoiceFinalized", "InvoiceQueued"]
    assert (await service.counter()).next == 2


async def test_what_a_repeat_finds_changed_is_an_event_of_its_own(service: Any, customer: Any) -> None:
    await service.hear(customer.told(email=EMAIL))
    order = customer.billed(send=True)
    await service.command(order)
    await service.hear(customer.told(2, email=EMAIL, status="disabled"))
    hold = customer.asked(invoices.HoldInvoice, order)
    await service.command(hold, "h1")
    await service.hear(customer.told(3))

    await service.command(hold, "h1")

    assert [data["reasons"] for name, data in service.said() if name == "InvoiceSendBlocked"] == [
        ["MANUAL_HOLD"],
        ["CUSTOMER_DISABLED", "MANUAL_HOLD"],
        ["EMAIL_MISSING", "MANUAL_HOLD"],
    ]
    ids = [dict(record.headers)["ce_id"] for record in service.topics.records]
    assert len(set(ids)) == len(ids)


async def test_another_command_for_an_invoice_that_is_there_is_refused(service: Any, customer: Any) -> None:
    order = customer.billed()
    await service.command(order)

    await service.command(order)

    assert service.names(ANSWERS) == ["CommandRejected"]
    assert service.said(ANSWERS)[0][1]["errors"][0]["code"] == "ALREADY_EXISTS"


async def test_a_customer_of_another_partner_is_no_customer(service: Any, customer: Any) -> None:
    await service.hear(replace(customer, partner_id="other").told())

    await service.command(customer.billed(send=True))

    assert service.said(ANSWERS)[0][1]["errors"] == [
        {"pointer": "/customer_id", "code": "NOT_FOUND", "detail": "there is no such customer"}
    ]


async def test_a_customer_that_turns_out_to_be_another_partners_refuses_the_invoice_late(
    service: Any, customer: Any
) -> None:
    order = customer.billed(send=True)
    await service.command(order, id="order-1")
    await service.hear(replace(customer, partner_id="other").told(email="accounts@riverside.example"))

    await service.command(customer.asked(invoices.FinalizeInvoice, order))

    assert service.names()[-1] == "InvoiceDiscarded"
    assert [data["command_id"] for _, data in service.said(ANSWERS)] == ["order-1"]
    assert (await service.invoice(order.invoice_id or "")).delivery.state is Sending.CANCELLED


async def test_an_invoice_whose_customer_turns_out_to_be_archived_is_refused_like_one_that_knew_it_at_once(
    service: Any, customer: Any
) -> None:
    early = customer.billed(send=True)
    await service.command(early, id="early")
    await service.hear(customer.told(2, status="archived", email="accounts@riverside.example"))

    await service.command(customer.asked(invoices.FinalizeInvoice, early))
    await service.command(customer.billed(send=True), id="late")

    late_word, word = (data["errors"] for _, data in service.said(ANSWERS))
    assert [data["command_id"] for _, data in service.said(ANSWERS)] == ["early", "late"]
    assert late_word == word
    assert word[0]["code"] == "CONFLICT_WITH_STATE"
    invoice = await service.invoice(early.invoice_id or "")
    assert (invoice.document, invoice.delivery.state) == (Document.DISCARDED, Sending.CANCELLED)


async def test_a_version_that_is_asked_for_is_waited_for(service: Any, customer: Any) -> None:
    await service.hear(customer.told(email="accounts@riverside.example"))
    order = customer.billed(send=True, customer_version=2)
    await service.command(order)
    assert (await service.invoice(order.invoice_id or "")).delivery.reasons == (Reason.CUSTOMER_UNKNOWN,)

    await service.hear(customer.told(2, email="new@riverside.example", payment_terms={"kind": "net", "days": 7}))
    await service.command(customer.asked(invoices.SendInvoice, order))

    invoice = await service.invoice(order.invoice_id or "")
    assert (invoice.delivery.state, invoice.terms_source) == (Sending.QUEUED, "customer")
