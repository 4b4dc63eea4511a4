"""Random edits on both sides of many linked customers, while PSAs fail and the service dies."""

import asyncio
import json
import os
import random
import signal
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from embedded.connectwise.samples import LEGACY_ID
from psa_sync_svc.domain.alike import alike
from shared.contracts.topics import CUSTOMERS_COMMANDS
from tests.component.both_sides import BothSides, Linked
from tests.component.process import ready
from tests.component.psa_desk import Desk, Heard
from tests.component.records import a_command

FIELDS: Final = ("company_name", "reference")
NAMES: Final = ("Wattle & Tide", "Łódź Drukarnia", "Ø 🐳", "Réné", "Re\u0301ne\u0301", "De Gouden Pan", "東京商事")
REFERENCES: Final = (None, "", "R-1", "R-2", "Ñ-3")
FAULTS: Final[tuple[dict[str, Any], ...]] = (
    {"status": {"code": 500, "times": 4}},
    {"status": {"code": 504, "shape": "html", "applied": True, "times": 4}},
    {"status": {"code": 429, "retry_after": "1", "times": 4}},
    {"reset": {"when": "after_commit", "times": 4}},
    {"reset": {"when": "before", "times": 4}},
    {"locked": {"times": 4}},
)
AT_ONCE: Final = 20
"""Imports that are waited for together."""
STILL_EVERY: Final = 10
"""Of so many customers one is never touched."""


@dataclass
class Storm:
    """`said` counts what was done, for the report."""

    desk: Desk
    heard: Heard
    seed: int
    sides: Sequence[BothSides]
    linked: dict[str, list[Linked]] = field(default_factory=dict)
    said: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    async def imports(self, customers: int) -> None:
        """So many accounts of each PSA become customers; not the one that no edit is taken of."""
        for each in self.sides:
            rows = await each.controls("GET", f"/companies?after=0&limit={customers + 1}")
            ids = [str(row["id"]) for row in rows if row["id"] != LEGACY_ID][:customers]
            self.linked[each.provider.name] = []
            for at in range(0, len(ids), AT_ONCE):
                await self._import(each, ids[at : at + AT_ONCE])

    async def _import(self, each: BothSides, ids: Sequence[str]) -> None:
        asked = [(id, await each.importer.imports(each.integration_id, id)) for id in ids]
        for id, request_id in asked:
            told = await self.heard.until_imported(request_id)
            self.linked[each.provider.name].append(Linked(told["customer"]["customer_id"], id))

    def _edited(self, provider: str) -> list[Linked]:
        return [each for number, each in enumerate(self.linked[provider]) if number % STILL_EVERY]

    def still(self, provider: str) -> list[Linked]:
        return [each for number, each in enumerate(self.linked[provider]) if not number % STILL_EVERY]

    async def calm_edits(self) -> dict[str, float]:
        """Every other account is edited there, the others' customers here, once; answers for each PSA how many looks at
        single accounts and changes of them that took, for each account changed."""
        ratios = {}
        for each in self.sides:
            await each.controls("DELETE", "/calls")
            edited = self._edited(each.provider.name)
            for number, linked in enumerate(edited):
                name = f"Calm {number}"
                await (each.edits_here if number % 2 else each.edits_there)(linked, company_name=name)
        await self.until_at_rest()
        for each in self.sides:
            calls = [call for call in await each.controls("GET", "/calls") if _of_one_account(call)]
            ratios[each.provider.name] = len(calls) / len(self._edited(each.provider.name))
        return ratios

    async def rage(self, edits: int, *, kills: int) -> None:
        """Edits on both sides; a PSA gets another fault every now and then, and the service dies so often."""
        strikes = {self._random.randrange(edits) for _ in range(kills)}
        for number in range(edits):
            each = self._random.choice(self.sides)
            await self._edit(each, self._random.choice(self._edited(each.provider.name)))
            if number % 15 == 0:
                await self._random.choice(self.sides).controls("PUT", "/faults", self._random.choice(FAULTS))
                self.said["faults"] += 1
            if number in strikes:
                await self._die()
        for each in self.sides:
            await each.controls("PUT", "/faults", {})

    async def _edit(self, each: BothSides, linked: Linked) -> None:
        name = self._random.choice(FIELDS)
        value = self._random.choice(NAMES if name == "company_name" else REFERENCES)
        if self._random.random() < 0.5:
            await each.edits_there(linked, **{name: value})
            self.said["edits there"] += 1
            return
        command = {"partner_id": each.importer.id, "customer_id": linked.customer_id, "set": {name: value}}
        id = str(uuid.uuid4())
        for _ in range(2):  # as a producer does that was not answered
            await each.importer.producer.send_and_wait(
                CUSTOMERS_COMMANDS.name,
                json.dumps(command).encode(),
                key=linked.customer_id.encode(),
                headers=a_command("UpdateCustomer", id),
            )
        self.said["edits here"] += 1

    async def _die(self) -> None:
        os.kill(self.desk.psa.pid, signal.SIGKILL)
        await asyncio.to_thread(self.desk.psa.await_end)
        self.desk.psa.launch()
        await ready(self.desk.psa)
        self.said["killed"] += 1

    async def until_at_rest(self, limit_s: float = 300.0) -> None:
        """Nothing is on its way: both sides are alike but for open conflicts."""
        async with asyncio.timeout(limit_s):
            while await self.apart():  # noqa: ASYNC110 - it shows only to whoever looks
                await asyncio.sleep(0.5)

    async def apart(self) -> list[str]:
        """What is not alike and not in conflict, for a person."""
        found = []
        for each in self.sides:
            here, there = await here_of(each), await there_of(each)
            conflicts = await conflicts_of(each)
            for linked in self.linked[each.provider.name]:
                for name in FIELDS:
                    ours, theirs = here[linked.customer_id][name], there[linked.account_id][name]
                    in_conflict = (linked.customer_id, name) in conflicts
                    if alike(ours, theirs) is in_conflict:
                        found.append(f"{each.provider.name} {linked.account_id} {name}: {ours!r}, {theirs!r}")
        return found


def _of_one_account(call: dict[str, Any]) -> bool:
    """Neither a list nor what is asked of the PSA itself. A look at a client of Halo's reads its site too: one look."""
    path = str(call["path"]).rstrip("/").lower()
    changes = call["method"] in ("PATCH", "PUT") or (call["method"] == "POST" and "query" not in path)
    looks = path.rpartition("/")[2].isdigit() and "/site/" not in path
    return (changes and "token" not in path) or looks


async def _pages(each: BothSides, ask: Any, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        page = (await ask("GET", f"{path}{'&' if '?' in path else '?'}limit=200{after}")).raise_for_status().json()
        found += page["items"]
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


async def here_of(each: BothSides) -> dict[str, dict[str, Any]]:
    """Every customer of the partner by its id, the reference among its fields."""
    customers = await _pages(each, each.importer.asks_customers, "")
    return {
        customer["customer_id"]: customer | {"reference": (customer["integration"] or {}).get("reference")}
        for customer in customers
    }


async def there_of(each: BothSides) -> dict[str, dict[str, Any]]:
    """Every account by its id, under our names, and whole under `row`."""
    rows = await each.controls("GET", "/companies?limit=10000")
    return {
        str(row["id"]): {**{ours: row[theirs] for ours, theirs in each.provider.fields.items()}, "row": row}
        for row in rows
    }


async def conflicts_of(each: BothSides) -> set[tuple[str, str]]:
    found = await _pages(each, each.importer.asks, "/conflicts?status=open")
    return {(conflict["customer_id"], conflict["field"]) for conflict in found}
