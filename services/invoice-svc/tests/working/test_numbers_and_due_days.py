"""A number that a dead process drew reaches its invoice, and a due day that passed is said once."""

from typing import Any

import pytest

from invoice_svc.domain.invoice import Document

from .office import EMAIL, Died, Office


async def test_a_number_drawn_by_whoever_died_reaches_its_invoice(
    office: Office, customer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(name: str) -> None:
        if name == "number-drawn":
            raise Died

    monkeypatch.setattr("invoice_svc.handlers.following.failpoint", die)
    order = customer.billed(send=True)
    await office.service.hear(customer.told(email=EMAIL))
    with pytest.raises(Died):
        await office.service.command(order)
    monkeypatch.undo()
    assert (await office.service.invoice(order.invoice_id)).document is Document.FINALIZING

    later = customer.billed(finalize=True)
    await office.service.command(later)
    monkeypatch.setattr("shared.engine.jobs.now_ms", lambda: office.clock.ms() + 60_000)
    await office.workers["finalize"].drain()

    numbers = [(await office.service.invoice(each.invoice_id)).number for each in (order, later)]
    assert numbers == ["INV-00001", "INV-00002"]
    assert (await office.service.counter()).drawn == ()


async def test_a_number_that_was_not_forgotten_is(office: Office, customer: Any) -> None:
    await office.sent(customer)
    counters = await office.service.store.find("counters", {})
    invoice_id = (await office.service.store.find("invoices", {}))[0]["_id"]
    drawn = {"invoice_id": invoice_id, "number": "INV-00001", "at": "2026-07-01T00:00:00Z"}
    await office.service.store.update_if(
        "counters", counters[0]["_id"], {}, {"$set": {"state.drawn": [drawn]}, "$inc": {"rev": 1}}
    )
    await office.service.jobs.put("numbers", counters[0]["_id"], partner_id="harbour-it")

    await office.work("numbers")

    assert (await office.service.counter()).drawn == ()


async def test_overdue_is_said_once_after_the_due_day(office: Office, customer: Any) -> None:
    await office.service.hear(customer.told())
    await office.service.command(customer.billed(finalize=True, issue_date="2026-01-01"))

    await office.work("overdue")
    await office.work("overdue")

    assert office.service.names().count("InvoiceOverdue") == 1
    assert await office.service.open_work() == {}
