"""What happens to one account of a PSA: several import it at one moment, and its customer lives on as others do."""

import asyncio
import random
from typing import Any, Final

from tests.faults.addresses import any_address, any_number
from tests.faults.clients import PATIENCE_S, Clients
from tests.faults.psas import Account, Psas
from tests.faults.stories import Story
from tests.faults.watching import Watch
from tests.faults.ways import creating, importing, linking, unlinking

_IMPORTED: Final = ("created", "existing")
_PUSHED_S: Final = 10.0
"""The customer's last change may have gone to the PSA by then, or not."""
_CHANGING_HANDS: Final = 5
"""So often an account is asked for while its claim follows the customer that has left it."""


class ImportStory(Story):
    """Like any customer's, but that it begins in the PSA."""

    def __init__(self, clients: Clients, watch: Watch, rng: random.Random, pause_s: float, psas: Psas) -> None:
        super().__init__(clients, watch, rng, pause_s)
        self._psas, self._requests = psas, list[str]()
        self._account, self._linked = psas.no_account(rng), True

    async def begin(self) -> bool:
        self._account = await self._psas.new_account(self.rng)
        several = [self._import() for _ in range(self.rng.randint(2, 4))]
        all_wrong = (self._no_account, self._no_integration, self._no_email, self._no_form)
        wrong = [step() for step in self.rng.sample(all_wrong, self.rng.randint(0, 2))]
        self._requests = (await asyncio.gather(*several, *wrong))[: len(several)]
        customer_id = await self.ask.watch.saw_imported(self._requests, PATIENCE_S)
        self.ask.customer_id = customer_id or ""
        return customer_id is not None

    async def _last_change(self) -> None:
        """Somebody changes the account in the PSA at the same moment, at times."""
        edits = [self._edit("in the PSA")] if self.rng.random() < 0.4 else []
        await asyncio.gather(super()._last_change(), *edits)

    async def _edit(self, where: str) -> None:
        """One field or several, in the PSA."""
        fields = {
            "company_name": f"{self.ask.tag} {where}",
            "contact_number": any_number(self.rng),
            "company_address": any_address(self.rng),
            "reference": f"{self.ask.tag} {self.rng.randint(1, 999)}",
        }
        chosen = self.rng.sample(sorted(fields), self.rng.randint(1, len(fields)))
        await self._psas.edit(self._account, **{name: fields[name] for name in chosen})

    def _of_both_sides(self) -> dict[str, Any]:
        """The reference is the linked account's."""
        refers = self._linked and self.rng.random() < 0.1
        more = {"reference": f"R-{self.rng.randint(1, 999)}"} if refers else {}
        return super()._of_both_sides() | more

    async def end(self) -> None:
        """Its account is asked for once more, edited there, left and taken again, or left to another customer."""
        match self.rng.choices(("asked for", "edited", "taken again", "left", "nothing"), (3, 3, 2, 2, 1))[0]:
            case "asked for":
                await self._import(ends=("existing",), email=f"late@c{self.ask.tag}.example")
                await self._held_by_another()
            case "edited":
                await asyncio.sleep(self.rng.uniform(0, _PUSHED_S))
                await self._edit("there")
            case "taken again":
                await self._taken_again()
            case "left":
                await self.archived()

    async def archived(self) -> None:
        self._linked = False
        await self.ask.watch.saw_all_ended(self._requests, PATIENCE_S)
        await super().archived()
        for _ in range(_CHANGING_HANDS):
            id = await self._import(ends=("created", "INVALID"))
            if await self.ask.watch.saw_imported([id], PATIENCE_S):
                return

    async def _taken_again(self) -> None:
        await self.ask.watch.saw_all_ended(self._requests, PATIENCE_S)
        id, link = self.ask.customer_id, self._link
        await self.ask.until_done(self.ask.asked("UnlinkIntegration", {"integration": None}), unlinking(id))
        await self.ask.until_done(self.ask.asked("LinkIntegration", {"integration": link}), linking(id, link))
        await self._import(ends=("existing",))

    async def _held_by_another(self) -> None:
        """Whoever wants the account besides is told that it is taken."""
        sets = {"company_name": "never", "integration": self._link}
        asked = self.ask.asked("CreateCustomer", {}, wrong=True)
        asked.customer_id = self.ask.uuid()
        await self.ask.any()(asked, creating(asked.customer_id, sets))

    @property
    def _link(self) -> dict[str, str]:
        return {"integration_id": self._account.integration_id, "account_id": self._account.account_id}

    async def _import(self, *, ends: tuple[str, ...] = _IMPORTED, **data: Any) -> str:
        if "email" not in data and self.rng.random() < 0.3:
            number = next(self.ask.numbers)
            email, terms = f"im{number}@c{self.ask.tag}.example", {"kind": "net", "days": 100 + number}
            data = {"email": email, "payment_terms": terms}
        return await self._request(self._account, ends, data)

    async def _no_account(self) -> str:
        return await self._request(self._psas.no_account(self.rng), ("NOT_FOUND",), {})

    async def _no_integration(self) -> str:
        """Over the topic only; a request is told at once that there is none."""
        nobodys = Account(self.ask.uuid(), self._account.account_id)
        return await self._request(nobodys, ("UNKNOWN_INTEGRATION",), {}, over_kafka=True)

    async def _no_email(self) -> str:
        """Used only where the customer is created, so it may as well be left alone."""
        return await self._request(self._account, ("INVALID", "existing"), {"email": "not an address"})

    async def _no_form(self) -> str:
        return await self._request(self._account, (), {"payment_terms": {"kind": "some day"}}, wrong=True)

    async def _request(
        self,
        account: Account,
        ends: tuple[str, ...],
        data: dict[str, Any],
        *,
        over_kafka: bool = False,
        wrong: bool = False,
    ) -> str:
        """Answers the request's id. Over the topic it may be left to the message's own."""
        asked = self.ask.asked("ImportCustomer", {}, wrong=wrong)
        asked.customer_id = ""
        asked.sets = {"integration_id": account.integration_id, "account_id": account.account_id, "ends": ends, **data}
        hand = self.ask.over_kafka if over_kafka else self.ask.any()
        if hand == self.ask.over_http or self.rng.random() < 0.5:
            data = {**data, "request_id": asked.id}
        await hand(asked, importing(account.integration_id, account.account_id, data))
        return asked.id
