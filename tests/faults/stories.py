"""What happens to one end customer: two hands at work on it at once, one over Kafka and one over HTTP."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any, Final
from uuid import UUID

from tests.faults.clients import PATIENCE_S, Clients, Twice
from tests.faults.ledger.asked import Asked
from tests.faults.watching import Watch
from tests.faults.ways import Way, billing, creating, line, of_invoice, setting_terms, updating

PHONE: Final = "+31207946120"
_PAID_ON: Final = "2026-01-15"

Hand = Callable[[Asked, Way], Awaitable[None]]


@dataclass
class Story:
    """At most 60 commands, so that every repeat is within the 64 that a customer remembers."""

    clients: Clients
    watch: Watch
    rng: random.Random
    pause_s: float
    customer_id: str = ""
    made: list[tuple[str, Decimal]] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.customer_id = self.uuid()
        self.tag = self.customer_id[:8]
        self.twice = Twice(self.clients, self.rng)

    async def live(self, going_on: Callable[[], bool]) -> None:
        if await self.begin():
            await asyncio.gather(self._hand(self.over_kafka, 12, going_on), self._hand(self.over_http, 8, going_on))
            await self._update(self.any(), email="set" if self.rng.random() < 0.8 else "removed")
            for invoice_id, total in self.made:
                if self.rng.random() < 0.6 and await self.watch.saw("InvoiceFinalized", invoice_id, PATIENCE_S):
                    await self._pay(invoice_id, total)
            await self.end()
        await self.twice.close()

    async def begin(self) -> bool:
        """Whether there is a customer now."""
        if self.rng.random() < 0.2:
            await self._invoice(self.over_kafka, send=True)
        await self._create()
        return await self.watch.saw("CustomerCreated", self.customer_id, PATIENCE_S)

    async def end(self) -> None:
        """What comes last."""

    async def _hand(self, hand: Hand, most: int, going_on: Callable[[], bool]) -> None:
        steps = ("name", "set", "removed", "terms", "invoice", "draft", "wrong")
        for step in self.rng.choices(steps, (3, 3, 2, 2, 2, 1, 2), k=self.rng.randint(most // 2, most)):
            if not going_on():
                return
            match step:
                case "name" | "set" | "removed":
                    await self._update(hand, email=step)
                case "terms":
                    await self._terms(hand)
                case "invoice":
                    await self._invoice(hand, send=True)
                case "draft":
                    await self._draft_then_send(hand)
                case "wrong":
                    await self.rng.choice((self._bad_email, self._nobody, self._twin, self._bad_money))(hand)
            await asyncio.sleep(self.rng.uniform(0, 2 * self.pause_s))

    async def _create(self) -> None:
        sets = {"company_name": f"{self.tag} 0", "contact_number": PHONE}
        if self.rng.random() < 0.5:
            sets["email"] = f"ap0@c{self.tag}.example"
        asked = self._asked("CreateCustomer", sets)
        await self.any()(asked, creating(self.customer_id, sets))

    async def _update(self, hand: Hand, *, email: str) -> None:
        """Every update has a name of its own, so that each can be told from every other by its effect."""
        number = next(self.numbers)
        sets: dict[str, Any] = {"company_name": f"{self.tag} {number}"}
        if email != "name":
            sets["email"] = f"ap{number}@c{self.tag}.example" if email == "set" else None
        asked = self._asked("UpdateCustomer", sets)
        await hand(asked, updating(self.customer_id, sets))

    async def _terms(self, hand: Hand) -> None:
        terms = {"kind": "net", "days": next(self.numbers)}
        await hand(self._asked("SetPaymentTerms", {"payment_terms": terms}), setting_terms(self.customer_id, terms))

    async def _invoice(self, hand: Hand, *, send: bool) -> str:
        invoice_id, quantity = self.uuid(), self.rng.randint(1, 40)
        data = {"invoice_id": invoice_id, "currency": "EUR", "send": send, "lines": [line(quantity)]}
        total = Decimal(quantity) * Decimal("12.10")
        asked = self._asked("CreateInvoice", {"invoice_id": invoice_id, "total": str(total), "send": send})
        self.made.append((invoice_id, total))
        await hand(asked, billing(self.customer_id, data))
        return invoice_id

    async def _draft_then_send(self, hand: Hand) -> None:
        invoice_id = await self._invoice(hand, send=False)
        data = {"invoice_id": invoice_id}
        way = of_invoice(invoice_id, "send", {})
        await hand(self._asked("SendInvoice", {**data, "send": True}), way)

    async def _pay(self, invoice_id: str, total: Decimal) -> None:
        """One or two parts of it, and sometimes more than is open, which is refused."""
        for part in self.rng.choice(((Decimal(1),), (Decimal("0.5"), Decimal("0.5")), (Decimal("0.25"), Decimal(9)))):
            amount = (total * part).quantize(Decimal("0.01"))
            body = {"amount": str(amount), "paid_on": _PAID_ON}
            way = of_invoice(invoice_id, "payments", body)
            await self.any()(self._asked("RecordPayment", way.data, wrong=amount > total), way)

    async def _bad_email(self, hand: Hand) -> None:
        sets = {"company_name": "never", "email": "not an address"}
        await hand(self._asked("UpdateCustomer", {}, wrong=True), updating(self.customer_id, sets))

    async def _nobody(self, hand: Hand) -> None:
        asked = self._asked("UpdateCustomer", {}, wrong=True)
        asked.customer_id = self.uuid()
        await hand(asked, updating(asked.customer_id, {"company_name": "never"}))

    async def _twin(self, hand: Hand) -> None:
        asked = self._asked("CreateCustomer", {}, wrong=True)
        await hand(asked, creating(self.customer_id, {"company_name": "never"}))

    async def _bad_money(self, hand: Hand) -> None:
        data = {"invoice_id": self.uuid(), "currency": "QQQ", "send": True, "lines": [line(1)]}
        await hand(self._asked("CreateInvoice", {}, wrong=True), billing(self.customer_id, data))

    def _asked(self, name: str, sets: dict[str, Any], *, wrong: bool = False) -> Asked:
        return Asked(self.uuid(), name, "kafka", self.customer_id, sets, must_be_refused=wrong)

    def any(self) -> Hand:
        return self.rng.choice((self.over_kafka, self.over_http))

    async def over_kafka(self, asked: Asked, way: Way) -> None:
        await self.twice.send(way, asked)

    async def over_http(self, asked: Asked, way: Way) -> None:
        asked.over = "http"
        await self.clients.request(asked, way, self.rng)

    def uuid(self) -> str:
        return str(UUID(int=self.rng.getrandbits(128), version=4))
