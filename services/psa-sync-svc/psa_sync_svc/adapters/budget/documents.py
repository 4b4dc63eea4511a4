"""The budgets of the tenants, a document each, changed only as it was when it was read."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, TypeVar

from pydantic import TypeAdapter

from psa_sync_svc.domain.allowance import Allowance
from psa_sync_svc.domain.turns import Turns
from shared.engine.ports import Documents

T = TypeVar("T")
BUDGETS: Final = "budgets"
_LONGEST_PAUSE_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Budget:
    """`blocked_until`: the PSA said that it takes nothing before then, in milliseconds since the epoch by the clock of
    the instance that was told (`blocked_by`)."""

    allowance: Allowance = field(default_factory=Allowance)
    turns: Turns = field(default_factory=Turns)
    blocked_until: int = 0
    blocked_by: str = ""


Rule = Callable[[Budget], tuple[Budget, T]]


@dataclass(frozen=True, slots=True)
class Tenant:
    """Whose budget: `id` is made of what names the tenant there, which is not kept."""

    id: str
    partner_id: str
    provider: str


class Budgets(Protocol):
    """Raises `Unavailable` where the store does not answer; the change may then have been made all the same."""

    async def read(self, tenant: Tenant) -> Budget: ...

    async def change(self, tenant: Tenant, rule: Rule[T]) -> T:
        """`rule` is asked again where another was faster, so it changes nothing by itself; its second answer."""
        ...


class StoredBudgets:
    """Not through the engine: nothing is said, and a budget is no aggregate but a count that all look at."""

    def __init__(self, store: Documents) -> None:
        self._store = store

    async def read(self, tenant: Tenant) -> Budget:
        return (await self._read(tenant))[0]

    async def change(self, tenant: Tenant, rule: Rule[T]) -> T:
        while True:
            before, rev = await self._read(tenant)
            after, answer = rule(before)
            if after == before or await self._write(tenant, after, rev):
                return answer
            await asyncio.sleep(random.uniform(0, _LONGEST_PAUSE_S))  # noqa: S311 - spreading load, not a secret

    async def _read(self, tenant: Tenant) -> tuple[Budget, int]:
        doc = await self._store.get(BUDGETS, tenant.id)
        return (_BUDGET.validate_python(doc["state"]), doc["rev"]) if doc else (Budget(), 0)

    async def _write(self, tenant: Tenant, budget: Budget, rev: int) -> bool:
        state = _BUDGET.dump_python(budget, mode="json")
        named = {"partner_id": tenant.partner_id, "provider": tenant.provider}
        doc = {"_id": tenant.id, **named, "rev": rev + 1, "state": state}
        if rev == 0:
            return await self._store.insert(BUDGETS, doc)
        return await self._store.replace_if(BUDGETS, tenant.id, {"rev": rev}, doc)


def block(budget: Budget, until: int, owner: str) -> Budget:
    """A longer block stands."""
    return budget if until <= budget.blocked_until else replace(budget, blocked_until=until, blocked_by=owner)


def blocked_ms(budget: Budget, now: int, owner: str, clocks_s: float) -> int:
    """How long nothing may be asked; a little longer where another instance was told, whose clock may be behind."""
    apart = 0 if budget.blocked_by == owner else int(clocks_s * 1000)
    return max(0, budget.blocked_until + apart - now) if budget.blocked_until else 0


_BUDGET: Final = TypeAdapter(Budget)
