"""What happens to one account of a PSA: several import it at one moment, and its customer lives on as others do."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final

from tests.faults.clients import PATIENCE_S
from tests.faults.ledger.asked import Asked
from tests.faults.psas import Account, Psas
from tests.faults.stories import Story
from tests.faults.ways import importing

_IMPORTED: Final = ("created", "existing")


@dataclass
class ImportStory(Story):
    """Like any customer's, but that it begins in the PSA."""

    psas: Psas = field(kw_only=True)

    async def begin(self) -> bool:
        account = await self.psas.new_account(self.rng)
        several = [self._import(account) for _ in range(self.rng.randint(2, 4))]
        wrong = [step(account) for step in self.rng.sample(self._wrong, self.rng.randint(0, 2))]
        ids = (await asyncio.gather(*several, *wrong))[: len(several)]
        customer_id = await self.watch.saw_imported(ids, PATIENCE_S)
        self.customer_id, self.account = customer_id or "", account
        return customer_id is not None

    async def end(self) -> None:
        """Once more, when it is long there."""
        if self.rng.random() < 0.5:
            await self._import(self.account, ends=("existing",), email=f"late@c{self.tag}.example")

    @property
    def _wrong(self) -> tuple[Any, ...]:
        return (self._no_account, self._no_integration, self._no_email, self._no_form)

    async def _import(self, account: Account, *, ends: tuple[str, ...] = _IMPORTED, **data: Any) -> str:
        if "email" not in data and self.rng.random() < 0.3:
            number = next(self.numbers)
            data = {"email": f"im{number}@c{self.tag}.example", "payment_terms": {"kind": "net", "days": 100 + number}}
        return await self._ask(account, ends, data)

    async def _no_account(self, _: Account) -> str:
        return await self._ask(self.psas.no_account(self.rng), ("NOT_FOUND",), {})

    async def _no_integration(self, account: Account) -> str:
        """Over the topic only; a request is told at once that there is none."""
        nobodys = Account(self.uuid(), account.account_id)
        return await self._ask(nobodys, ("UNKNOWN_INTEGRATION",), {}, over_kafka=True)

    async def _no_email(self, account: Account) -> str:
        """Used only where the customer is created, so it may as well be left alone."""
        return await self._ask(account, ("INVALID", "existing"), {"email": "not an address"})

    async def _no_form(self, account: Account) -> str:
        return await self._ask(account, (), {"payment_terms": {"kind": "some day"}}, wrong=True)

    async def _ask(
        self,
        account: Account,
        ends: tuple[str, ...],
        data: dict[str, Any],
        *,
        over_kafka: bool = False,
        wrong: bool = False,
    ) -> str:
        """Answers the request's id. Over the topic it may be left to the message's own."""
        asked = Asked(self.uuid(), "ImportCustomer", "kafka", "", must_be_refused=wrong)
        asked.sets = {"integration_id": account.integration_id, "account_id": account.account_id, "ends": ends, **data}
        hand = self.over_kafka if over_kafka else self.any()
        if hand == self.over_http or self.rng.random() < 0.5:
            data = {**data, "request_id": asked.id}
        await hand(asked, importing(account.integration_id, account.account_id, data))
        return asked.id
