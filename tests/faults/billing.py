"""One customer's invoices: made while it changes, and each brought to an end of its own."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from tests.faults.askers import Askers, Hand
from tests.faults.clients import PATIENCE_S
from tests.faults.ledger.asked import Asked
from tests.faults.terms import own_terms
from tests.faults.ways import billing, line, of_invoice

PAID_ON: Final = "2026-01-15"
_LONG_AGO: Final = ("2024-02-29", "2026-01-31", "2026-03-30")
_ENDS: Final = {"left": 3, "paid": 4, "voided": 2, "called off": 2, "sent again": 1, "held": 1}
_PARTS: Final = (("1",), ("0.5", "0.5"), ("0.25", "9"))
"""Of the total; sometimes more than is open."""


@dataclass(frozen=True, slots=True)
class Bill:
    invoice_id: str
    total: Decimal


class Billing:
    """`made`: what was asked to be sent."""

    def __init__(self, ask: Askers) -> None:
        self._ask, self._rng = ask, ask.rng
        self.made: list[Bill] = []

    async def create(self, hand: Hand, *, send: bool = True) -> Bill:
        """Some of long ago, some with terms of their own, some for the version of the customer that is known."""
        bill = Bill(self._ask.uuid(), self._rng.randint(1, 40) * Decimal("12.10"))
        more: dict[str, Any] = {}
        if self._rng.random() < 0.2:
            more["issue_date"] = self._rng.choice(_LONG_AGO)
        if self._rng.random() < 0.2:
            more["payment_terms"] = own_terms(self._rng)
        if self._rng.random() < 0.4:
            more["customer_version"] = self._ask.known_version
        if send:
            self.made.append(bill)
        await self._create(bill, hand, send=send, more=more)
        return bill

    async def _create(self, bill: Bill, hand: Hand, *, send: bool, more: dict[str, Any]) -> None:
        lines = [line(int(bill.total / Decimal("12.10")))]
        data = {"invoice_id": bill.invoice_id, "currency": "EUR", "send": send, "lines": lines, **more}
        sets = {"invoice_id": bill.invoice_id, "total": str(bill.total), "send": send, **more}
        await hand(self._ask.asked("CreateInvoice", sets), billing(self._ask.customer_id, data))

    async def draft_then_send(self, hand: Hand) -> None:
        bill = await self.create(hand, send=False)
        self.made.append(bill)
        await hand(self._asked("SendInvoice", bill, send=True), of_invoice(bill.invoice_id, "send", {}))

    async def bad_money(self, hand: Hand) -> None:
        data = {"invoice_id": self._ask.uuid(), "currency": "QQQ", "send": True, "lines": [line(1)]}
        await hand(self._ask.asked("CreateInvoice", {}, wrong=True), billing(self._ask.customer_id, data))

    async def of_an_archived(self) -> None:
        """For the version that tells it: whoever hears of that later refuses it later."""
        id = self._ask.uuid()
        data = {"invoice_id": id, "currency": "EUR", "send": True, "lines": [line(1)]}
        data["customer_version"] = self._ask.known_version
        asked = self._ask.asked("CreateInvoice", {"invoice_id": id}, wrong=True)
        await self._ask.over_kafka(asked, billing(self._ask.customer_id, data))
        await self._ask.watch.saw("CommandRejected", asked.id, PATIENCE_S)

    async def end(self) -> None:
        """All of them side by side, and drafts that come to nothing or wait for a person."""
        drafts = [draft() for draft in (self._discarded, self._held_as_draft) if self._rng.random() < 0.3]
        await asyncio.gather(*(self._end(bill) for bill in self.made), *drafts)

    async def _end(self, bill: Bill) -> None:
        """Also what is left alone is awaited: a customer that is archived meanwhile would have it refused."""
        if not await self._ask.watch.saw("InvoiceFinalized", bill.invoice_id, PATIENCE_S):
            return
        match self._rng.choices(list(_ENDS), list(_ENDS.values()))[0]:
            case "paid":
                await self._paid(bill)
            case "voided":
                await self._voided(bill)
            case "called off":
                await self._called_off(bill)
            case "sent again":
                await self._sent_again(bill)
            case "held":
                await self._held(bill)

    async def _paid(self, bill: Bill) -> None:
        """What was paid cannot be voided."""
        for part in self._rng.choice(_PARTS):
            amount = (bill.total * Decimal(part)).quantize(Decimal("0.01"))
            await self._pay(bill, amount, wrong=amount > bill.total)
        await self._step("VoidInvoice", bill, "void", wrong=True)

    async def _voided(self, bill: Bill) -> None:
        await self._step("VoidInvoice", bill, "void")
        await self._nothing_more(bill)
        again = self._asked("VoidInvoice", bill, idle=True)
        await self._ask.over_http(again, of_invoice(bill.invoice_id, "void", {}))

    async def _called_off(self, bill: Bill) -> None:
        """Unless it is out already; some are asked for again."""
        await self._step("CancelDelivery", bill, "cancel-delivery", depends=True)
        if self._rng.random() < 0.5:
            await self._ask.any()(self._asked("SendInvoice", bill, send=True), of_invoice(bill.invoice_id, "send", {}))

    async def _sent_again(self, bill: Bill) -> None:
        if await self._ask.watch.saw("InvoiceSent", bill.invoice_id, 15.0):
            body = {"resend": True}
            asked = self._asked("SendInvoice", bill, send=True, **body)
            await self._ask.any()(asked, of_invoice(bill.invoice_id, "send", body))

    async def _held(self, bill: Bill) -> None:
        """By hand, unless it is out already; some are let go."""
        asked = self._asked("HoldInvoice", bill, depends=True)
        await self._ask.over_http(asked, of_invoice(bill.invoice_id, "hold", {}))
        if asked.status == 200 and self._rng.random() < 0.5:
            await self._step("ReleaseInvoice", bill, "release")

    async def _discarded(self) -> None:
        bill = await self._draft()
        await self._step("DiscardInvoice", bill, "discard")
        await self._step("FinalizeInvoice", bill, "finalize", wrong=True)
        await self._nothing_more(bill)

    async def _held_as_draft(self) -> None:
        bill = await self._draft()
        await self._step("HoldInvoice", bill, "hold")
        await self._ask.any()(self._asked("SendInvoice", bill, send=True), of_invoice(bill.invoice_id, "send", {}))
        await self._ask.watch.saw("InvoiceFinalized", bill.invoice_id, PATIENCE_S)
        if self._rng.random() < 0.5:
            await self._step("ReleaseInvoice", bill, "release")

    async def _draft(self) -> Bill:
        bill = Bill(self._ask.uuid(), Decimal("12.10"))
        await self._create(bill, self._ask.until_done, send=False, more={})
        return bill

    async def _nothing_more(self, bill: Bill) -> None:
        await self._step("SendInvoice", bill, "send", wrong=True)
        await self._step("HoldInvoice", bill, "hold", wrong=True)
        await self._pay(bill, Decimal(1), wrong=True)

    async def _pay(self, bill: Bill, amount: Decimal, *, wrong: bool) -> None:
        body = {"amount": str(amount), "paid_on": PAID_ON}
        asked = self._asked("RecordPayment", bill, wrong=wrong, amount=str(amount))
        await self._ask.until_done(asked, of_invoice(bill.invoice_id, "payments", body))

    async def _step(self, name: str, bill: Bill, verb: str, *, wrong: bool = False, depends: bool = False) -> None:
        asked = self._asked(name, bill, wrong=wrong, depends=depends)
        await self._ask.until_done(asked, of_invoice(bill.invoice_id, verb, {}))

    def _asked(self, name: str, bill: Bill, *, wrong: bool = False, depends: bool = False, **more: Any) -> Asked:
        return self._ask.asked(name, {"invoice_id": bill.invoice_id, **more}, wrong=wrong, depends=depends)
