"""Every invoice of a partner needs its counter: no request goes unanswered for that, however slow the store is."""

import asyncio
import random
from collections import Counter as Tallies
from collections.abc import Sequence
from typing import Any

import pytest

from invoice_svc.aggregates import COUNTER, INVOICE
from invoice_svc.domain.invoice import Document, Invoice
from invoice_svc.handlers import create_invoice, finalize_invoice
from invoice_svc.settings import InvoiceSettings
from invoice_svc.workers.deliver import Delivery
from invoice_svc.workers.mailer import Seller
from invoice_svc.workers.table import workers
from shared.contracts import invoices
from shared.engine.change import Meta
from shared.engine.engine import Outcome
from shared.engine.handled import body_digest
from shared.engine.ports import Write
from tests.slow_store import SlowStore

EMAIL = "accounts@riverside.example"
SOON_S = 0.2


class Counting(SlowStore):
    """Counts calls; somebody else is always first at the counter while it is `contended`."""

    def __init__(self) -> None:
        super().__init__(random.Random(7))
        self.calls, self.contended = Tallies[str](), False

    async def save(self, collection: str, writes: Sequence[Write]) -> set[str]:
        self.calls[collection] += 1
        if self.contended and collection == COUNTER.collection:
            await asyncio.sleep(0.001)
            return {write.doc["_id"] for write in writes}
        return await super().save(collection, writes)


@pytest.fixture
def store() -> Counting:
    return Counting()


async def asks(service: Any, order: invoices.CreateInvoice, key: str, *, limit_s: float = SOON_S) -> Outcome:
    """As the route does."""
    meta = Meta("harbour-it", "/http", key, "POST", service.now, "user:ann", key, body=body_digest(b"order"))
    found: Outcome = await service.engine.execute(create_invoice.handle(order, meta), meta, limit_s=limit_s)
    return found


def made(outcome: Outcome, order: invoices.CreateInvoice) -> Invoice:
    return outcome.state_of(INVOICE, str(order.invoice_id))


async def test_an_invoice_whose_number_is_not_to_be_had_yet_is_answered_as_it_is(
    new_service: Any, store: Counting, customer: Any
) -> None:
    service, order = new_service(store), customer.billed(send=True)
    await service.hear(customer.told(email=EMAIL))
    store.contended = True

    first, again = await asks(service, order, "k"), await asks(service, order, "k")

    assert (made(first, order).document, made(first, order).number) == (Document.FINALIZING, None)
    assert again.repeated
    assert made(again, order).document is Document.FINALIZING


async def test_a_number_that_nobody_waited_for_is_drawn_by_the_sweep(
    new_service: Any, store: Counting, customer: Any, clock: Any
) -> None:
    service, order = new_service(store), customer.billed(finalize=True)
    await service.hear(customer.told(email=EMAIL))
    store.contended = True
    await asks(service, order, "k")
    store.contended = False
    survivor = new_service(store)
    delivery = Delivery(survivor.engine, None, None, seller=Seller("H", "b@harbour.example"), lease_s=30.0)  # type: ignore[arg-type]  # nothing is mailed here
    at_work = {each.job: each for each in workers(survivor.engine, delivery, InvoiceSettings(), lease_s=30.0)}

    clock.pass_(seconds=60)
    await at_work["finalize"].drain()

    assert (await survivor.invoice(str(order.invoice_id))).number == "INV-00001"
    assert made(await asks(survivor, order, "k"), order).number == "INV-00001"


async def test_finalising_is_answered_so_too(new_service: Any, store: Counting, customer: Any) -> None:
    service, order = new_service(store), customer.billed()
    await service.hear(customer.told(email=EMAIL))
    await asks(service, order, "k")
    store.contended = True
    command = customer.asked(invoices.FinalizeInvoice, order)
    meta = Meta("harbour-it", "/http", "f", "POST", service.now, "user:ann", "f", body=body_digest(b""))

    outcome = await service.engine.execute(finalize_invoice.handle(command, meta), meta, limit_s=SOON_S)

    assert made(outcome, order).document is Document.FINALIZING


async def test_what_one_invoice_costs_the_counter_does_not_grow_with_those_made_at_once(
    new_service: Any, store: Counting, customer: Any
) -> None:
    instances = [new_service(store) for _ in range(2)]
    orders = [customer.billed(send=True) for _ in range(60)]
    await instances[0].hear(customer.told(email=EMAIL))

    asked = (asks(instances[n % 2], order, f"k{n}", limit_s=600.0) for n, order in enumerate(orders))
    await asyncio.gather(*asked)
    numbers = [(await instances[0].invoice(str(order.invoice_id))).number for order in orders]

    assert sorted(filter(None, numbers)) == [f"INV-{n:05d}" for n in range(1, 61)]
    assert store.calls[COUNTER.collection] < len(orders)
