"""What was held goes out by itself when the last reason is gone, also where the moment was missed."""

import asyncio
from typing import Any

import pytest

from invoice_svc.domain.invoice import Sending
from shared.contracts import invoices

from .office import EMAIL, Office


async def test_held_invoices_are_released_and_mailed_when_the_address_comes(office: Office, customer: Any) -> None:
    await office.service.hear(customer.told())
    orders = [customer.billed(send=True) for _ in range(3)]
    for order in orders:
        await office.service.command(order)

    await office.service.hear(customer.told(2, email=EMAIL))
    await office.work("release", "deliver")

    assert office.service.names().count("InvoiceReleased") == 3
    assert len(office.mail.taken_mails) == 3
    assert await office.service.open_work() == {"overdue": 3}


async def test_a_release_goes_straight_from_the_accounts_save_to_its_worker(office: Office, customer: Any) -> None:
    await office.service.hear(customer.told())
    order = customer.billed(send=True)
    await office.service.command(order)
    office.workers["release"].serve()

    await office.service.hear(customer.told(2, email=EMAIL))
    [entry] = await office.service.store.find("open_work", {"job": "release"})
    assert entry["lease_until"] > entry["due_at"], "nobody else looks for what is begun already"
    await office.work("release")

    assert office.service.names()[-1] == "InvoiceReleased"
    assert await office.service.open_work() == {"deliver": 1, "overdue": 1}


async def test_what_was_held_while_its_account_was_saved_again_is_released_too(
    office: Office, customer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The work came straight from the save of version 2, and what is held was looked for at once; then version 3 holds
    an invoice, and version 4 asks for a release that is asked for already."""
    service, reading = office.service, office.service.store.get
    order = customer.billed(send=True)

    async def meanwhile(collection: str, id: str) -> Any:
        if collection == "accounts":
            monkeypatch.setattr(service.store, "get", reading)
            await asyncio.sleep(0)
            await service.hear(customer.told(3))
            await service.command(order)
            await service.hear(customer.told(4, email=EMAIL))
        return await reading(collection, id)

    await service.hear(customer.told())
    office.workers["release"].serve()
    monkeypatch.setattr(service.store, "get", meanwhile)

    await service.hear(customer.told(2, email=EMAIL))
    await office.work("release")

    assert (await service.invoice(order.invoice_id)).delivery.state is Sending.QUEUED


async def test_more_holds_than_a_page_are_all_released(
    office: Office, customer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invoice_svc.workers.release.PAGE", 2)
    await office.service.hear(customer.told())
    for _ in range(5):
        await office.service.command(customer.billed(send=True))

    await office.service.hear(customer.told(2, email=EMAIL))
    await office.work("release")

    assert office.service.names().count("InvoiceReleased") == 5


async def test_a_hold_that_nobody_looked_at_again_is_released_by_the_sweep(office: Office, customer: Any) -> None:
    await office.service.hear(customer.told())
    order = customer.billed(send=True)
    await office.service.command(order)
    await office.service.store.update_if(
        "accounts", customer.customer_id, {}, {"$set": {"state.email": EMAIL}, "$inc": {"rev": 1}}
    )

    office.clock.pass_(seconds=11)
    await office.held.step()

    assert (await office.service.invoice(order.invoice_id)).delivery.state is Sending.QUEUED
    assert "held" not in await office.service.open_work()


async def test_an_entry_whose_document_is_not_saved_yet_stays(office: Office, customer: Any) -> None:
    order = await office.sent(customer)
    await office.work("deliver")
    await office.service.jobs.put("deliver", order.invoice_id, partner_id="harbour-it")
    await office.service.store.update_if("open_work", f"deliver/{order.invoice_id}", {}, {"$set": {"rev": 99}})

    await office.work("deliver")
    assert (await office.service.open_work())["deliver"] == 1

    await office.service.store.update_if("open_work", f"deliver/{order.invoice_id}", {}, {"$set": {"rev": 1}})
    office.clock.pass_(seconds=31)
    await office.work("deliver")
    assert "deliver" not in await office.service.open_work()


async def test_the_entry_of_a_hold_stays_that_was_saved_since_the_sweep_looked(
    office: Office, customer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry is written before the hold: the sweep finds it, and the invoice not held yet."""
    service, updating = office.service, office.service.store.update_each
    order = await office.sent(customer)
    [doc] = await service.store.find("invoices", {})
    await service.jobs.put("held", order.invoice_id, partner_id="harbour-it", customer_id=order.customer_id)
    await service.store.update_if("open_work", f"held/{order.invoice_id}", {}, {"$set": {"rev": doc["rev"] + 1}})

    async def hold_meanwhile(collection: str, updates: Any) -> Any:
        monkeypatch.setattr(service.store, "update_each", updating)
        await service.command(customer.asked(invoices.HoldInvoice, order))
        return await updating(collection, updates)

    monkeypatch.setattr(service.store, "update_each", hold_meanwhile)
    await office.held.step()

    assert (await service.invoice(order.invoice_id)).delivery.state is Sending.HELD
    assert (await service.open_work())["held"] == 1


async def test_a_hold_that_cannot_be_looked_at_keeps_no_other_waiting(office: Office, a_customer: Any) -> None:
    service, customers = office.service, (a_customer(), a_customer())
    orders = [customer.billed(send=True) for customer in customers]
    for customer, order in zip(customers, orders, strict=True):
        await service.hear(customer.told())
        await service.command(order)
        await service.store.update_if("accounts", customer.customer_id, {}, {"$set": {"state.email": EMAIL}})
    await service.store.update_if("invoices", orders[0].invoice_id, {}, {"$set": {"state": {"invoice_id": []}}})

    office.clock.pass_(seconds=11)
    await office.held.step()

    assert (await service.invoice(orders[1].invoice_id)).delivery.state is Sending.QUEUED
    [left] = await service.store.find("open_work", {"job": "held"})
    assert left["target"] == orders[0].invoice_id
    assert left["due_at"] > office.clock.ms()
