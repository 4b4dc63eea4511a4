"""What happens to one end customer: two hands at work on it at once, one over Kafka and one over HTTP."""

import asyncio
import random
from collections.abc import Callable
from typing import Any, Final

from tests.faults.addresses import any_address, any_number
from tests.faults.askers import Askers, Hand
from tests.faults.billing import Billing
from tests.faults.clients import PATIENCE_S, Clients
from tests.faults.terms import any_terms
from tests.faults.watching import Watch
from tests.faults.ways import creating, of_customer, setting_terms, updating

PHONE: Final = "+31207946120"
_STEPS: Final = {
    **{"name": 3, "set": 3, "removed": 2, "terms": 2, "disable": 1, "enable": 1},
    **{"invoice": 3, "draft": 1, "wrong": 2},
}


class Story:
    """At most 60 commands, so that every repeat is within the 64 that a customer remembers."""

    def __init__(self, clients: Clients, watch: Watch, rng: random.Random, pause_s: float) -> None:
        self.ask = Askers(clients, watch, rng)
        self.bills = Billing(self.ask)
        self.rng, self._pause_s = rng, pause_s

    async def live(self, going_on: Callable[[], bool]) -> None:
        if await self.begin():
            hands = self._hand(self.ask.over_kafka, 12, going_on), self._hand(self.ask.over_http, 8, going_on)
            await asyncio.gather(*hands)
            await asyncio.gather(self._last_change(), self.bills.end())
            await self.end()
        await self.ask.close()

    async def begin(self) -> bool:
        """Whether there is a customer now."""
        if self.rng.random() < 0.2:
            await self.bills.create(self.ask.over_kafka)
        await self._create()
        return await self.ask.watch.saw("CustomerCreated", self.ask.customer_id, PATIENCE_S)

    async def end(self) -> None:
        """What comes last."""
        if self.rng.random() < 0.15:
            await self.archived()

    async def _last_change(self) -> None:
        """Mostly there is an address in the end, and business goes on."""
        await self.update(self.ask.any(), email="set" if self.rng.random() < 0.8 else "removed")
        if self.rng.random() < 0.8:
            await self._stand(self.ask.any(), "enable")

    async def _hand(self, hand: Hand, most: int, going_on: Callable[[], bool]) -> None:
        for step in self.rng.choices(list(_STEPS), list(_STEPS.values()), k=self.rng.randint(most // 2, most)):
            if not going_on():
                return
            match step:
                case "name" | "set" | "removed":
                    await self.update(hand, email=step)
                case "terms":
                    await self._terms(hand)
                case "disable" | "enable":
                    await self._stand(hand, step)
                case "invoice":
                    await self.bills.create(hand)
                case "draft":
                    await self.bills.draft_then_send(hand)
                case "wrong":
                    await self.rng.choice((self._bad_email, self._nobody, self._twin, self.bills.bad_money))(hand)
            await asyncio.sleep(self.rng.uniform(0, 2 * self._pause_s))

    async def _create(self) -> None:
        sets = {"company_name": f"{self.ask.tag} 0", "contact_number": PHONE}
        if self.rng.random() < 0.5:
            sets["email"] = f"ap0@c{self.ask.tag}.example"
        asked = self.ask.asked("CreateCustomer", sets)
        await self.ask.any()(asked, creating(self.ask.customer_id, sets))

    async def update(self, hand: Hand, *, email: str) -> None:
        """Every update has a name of its own, so that each can be told from every other by its effect."""
        number = next(self.ask.numbers)
        sets: dict[str, Any] = {"company_name": f"{self.ask.tag} {number}"}
        if email != "name":
            sets["email"] = f"ap{number}@c{self.ask.tag}.example" if email == "set" else None
        if self.rng.random() < 0.2:
            sets["payment_terms"] = any_terms(self.rng)
        sets |= self._of_both_sides()
        await hand(self.ask.asked("UpdateCustomer", sets), updating(self.ask.customer_id, sets))

    def _of_both_sides(self) -> dict[str, Any]:
        """Now and then what its account in a PSA has too, where it has one."""
        found: dict[str, Any] = {}
        if self.rng.random() < 0.1:
            found["company_address"] = any_address(self.rng)
        if self.rng.random() < 0.1:
            found["contact_number"] = any_number(self.rng)
        return found

    async def _terms(self, hand: Hand) -> None:
        terms = any_terms(self.rng)
        asked = self.ask.asked("SetPaymentTerms", {"payment_terms": terms})
        await hand(asked, setting_terms(self.ask.customer_id, terms))

    async def _stand(self, hand: Hand, verb: str) -> None:
        name, status = {"disable": ("DisableCustomer", "disabled"), "enable": ("EnableCustomer", "active")}[verb]
        await hand(self.ask.asked(name, {"status": status}), of_customer(self.ask.customer_id, verb))

    async def archived(self) -> None:
        """After everything that was asked before; then nothing but enabling is allowed."""
        ask, id = self.ask, self.ask.customer_id
        await self._quiet()
        asked = ask.asked("ArchiveCustomer", {"status": "archived", "integration": None})
        await ask.until_done(asked, of_customer(id, "archive"), hand=ask.over_http)
        await ask.until_done(ask.asked("UpdateCustomer", {}, wrong=True), updating(id, {"company_name": "never"}))
        await ask.until_done(ask.asked("DisableCustomer", {}, wrong=True), of_customer(id, "disable"))
        await self.bills.of_an_archived()
        if self.rng.random() < 0.5:
            await ask.until_done(ask.asked("EnableCustomer", {"status": "active"}), of_customer(id, "enable"))
            await self.update(ask.any(), email="set")

    async def _quiet(self) -> None:
        """Whatever was produced before is done."""
        number = next(self.ask.numbers)
        sets = {"company_name": f"{self.ask.tag} {number}"}
        asked = self.ask.asked("UpdateCustomer", sets)
        await self.ask.until_done(asked, updating(self.ask.customer_id, sets), hand=self.ask.over_kafka)

    async def _bad_email(self, hand: Hand) -> None:
        sets = {"company_name": "never", "email": "not an address"}
        await hand(self.ask.asked("UpdateCustomer", {}, wrong=True), updating(self.ask.customer_id, sets))

    async def _nobody(self, hand: Hand) -> None:
        asked = self.ask.asked("UpdateCustomer", {}, wrong=True)
        asked.customer_id = self.ask.uuid()
        await hand(asked, updating(asked.customer_id, {"company_name": "never"}))

    async def _twin(self, hand: Hand) -> None:
        asked = self.ask.asked("CreateCustomer", {}, wrong=True)
        await hand(asked, creating(self.ask.customer_id, {"company_name": "never"}))
