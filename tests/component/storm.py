"""Random edits on both sides of many linked customers, while PSAs fail and the service dies."""

import asyncio
import json
import os
import random
import signal
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final

from embedded.connectwise.samples import LEGACY_ID
from shared.contracts.topics import CUSTOMERS_COMMANDS
from shared.values.phone import e164
from shared.values.texts import comparable
from tests.component.both_sides import BothSides, Linked
from tests.component.process import ready
from tests.component.psa_desk import Desk, Heard
from tests.component.records import a_command
from tests.component.unharmed import Picture
from tests.providers import ADDRESS, COUNTRY, FIELDS

NAMES: Final = (
    *("Wattle & Tide", "Łódź Drukarnia", "Ø 🐳", "Réné", "Re\u0301ne\u0301", "東京商事", "مكتب النور", "בית קפה"),
    *('O\'Neill "Son" <Ltd>', "👩\u200d🔧 Fixit", "नमस्ते ट्रेडर्स", "Two\u00a0spaces  here"),
)
PLACES: Final = (
    *("Nieuwe Kade 9", None, "Rotterdam", None, "3011 AA", "NL"),
    *("ul. Świętojańska 7", "lok. 3", "Gdynia", "pomorskie", "81-368", "PL"),
    *("千代田区1-2", "ビル3階", "東京", "", "100-0001", "JP"),
    *("5 Market St", "Suite 2", "Springfield", "IL", "62701", "US"),
)
PARTS: Final = ("line1", "line2", "city", "region", "postal_code", COUNTRY)
VALUES: Final[dict[str, Sequence[Any]]] = {
    "company_name": NAMES,
    "contact_number": (None, "", "+31 20 794 6160", "+48 42 200 00 05", "+1 (212) 555-0155", "+44 20-7946 0033"),
    ADDRESS: [dict(zip(PARTS, PLACES[at : at + 6], strict=True)) for at in range(0, len(PLACES), 6)],
    "reference": (None, "", "R-1", "R-2", "Ñ-3"),
}
POLICIES: Final = {
    "company_name": "review",
    "contact_number": "psa",
    "company_address": "portal",
    "reference": "newest",
}
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
    """`said` counts what was done, for the report; `edited` is which fields of which customers, on either side."""

    desk: Desk
    heard: Heard
    seed: int
    sides: Sequence[BothSides]
    linked: dict[str, list[Linked]] = field(default_factory=dict)
    said: Counter[str] = field(default_factory=Counter)
    edited: set[tuple[str, str]] = field(default_factory=set)

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

    def _restless(self, each: BothSides) -> list[Linked]:
        return [linked for number, linked in enumerate(self.linked[each.provider.name]) if number % STILL_EVERY]

    async def calm_edits(self) -> "dict[str, Calls]":
        """One field of every other account is edited there, and of the others' customers here, once; what that took of
        each PSA."""
        for each in self.sides:
            await each.controls("DELETE", "/calls")
            for number, linked in enumerate(self._restless(each)):
                name = FIELDS[number // 2 % len(FIELDS)]
                fields = {name: VALUES[name][2] if name != "company_name" else f"Calm {number}"}
                await (each.edits_here if number % 2 else each.edits_there)(linked, **fields)
                self.edited.add((linked.customer_id, name))
        await self.until_at_rest()
        return {each.provider.name: await calls_of(each, len(self._restless(each))) for each in self.sides}

    async def rage(self, edits: int, *, kills: int) -> None:
        """Edits on both sides; a PSA gets another fault every now and then, and an instance dies so often."""
        strikes = {self._random.randrange(edits) for _ in range(kills)}
        for number in range(edits):
            each = self._random.choice(self.sides)
            await self._edit(each, self._random.choice(self._restless(each)))
            if number % 15 == 0:
                await self._random.choice(self.sides).controls("PUT", "/faults", self._random.choice(FAULTS))
                self.said["faults"] += 1
            if number in strikes:
                await self._die()
        for each in self.sides:
            await each.controls("PUT", "/faults", {})

    async def _edit(self, each: BothSides, linked: Linked) -> None:
        name = self._random.choice(FIELDS)
        value = self._random.choice([one for one in VALUES[name] if one or name not in each.provider.required])
        self.edited.add((linked.customer_id, name))
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
        one = self._random.choice(self.desk.psas)
        os.kill(one.pid, signal.SIGKILL)
        await asyncio.to_thread(one.await_end)
        one.launch()
        await ready(one)
        self.said["killed"] += 1

    async def until_at_rest(self, limit_s: float = 300.0) -> None:
        """Nothing is on its way: both sides are alike but for open conflicts. `AssertionError` names what is not."""
        until = monotonic() + limit_s
        while apart := await self.apart():
            assert monotonic() < until, f"SEED={self.seed}, after {limit_s:.0f} s: {apart}"
            await asyncio.sleep(0.5)

    async def apart(self) -> list[str]:
        """What was edited and is neither alike nor in conflict, and conflicts of what was not, for a person."""
        found = []
        for each in self.sides:
            picture, conflicts = await picture_of(each), await conflicts_of(each)
            for linked in self.linked[each.provider.name]:
                here, row = picture.here.get(linked.customer_id), picture.there[linked.account_id]
                if here is None:  # its name was changed while the list, which is by name, was read
                    found.append(f"{linked.customer_id} was between two pages")
                    continue
                ours, theirs = _in_one_form(here), _in_one_form(each.provider.shown(row))
                for name in FIELDS:
                    edited = (linked.customer_id, name) in self.edited
                    in_conflict = (linked.customer_id, name) in conflicts
                    if (in_conflict and not edited) or (edited and (ours[name] == theirs[name]) is in_conflict):
                        found.append(f"{each.provider.name} {linked.account_id} {name}: {ours[name]}, {theirs[name]}")
        return found


def _in_one_form(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The synced fields without what is no difference: how accents, spaces, numbers and nothing at all are written."""
    found: dict[str, Any] = {name: comparable(fields[name]) for name in FIELDS if name != ADDRESS}
    address = {part: comparable((fields[ADDRESS] or {}).get(part)) for part in PARTS}
    number = found["contact_number"]
    if number is not None and number.startswith("+"):
        found["contact_number"] = e164(number, None)
    return found | {ADDRESS: address}


@dataclass(frozen=True)
class Calls:
    """What was asked of a PSA about single accounts while so many of them were edited."""

    looks: int
    changes: int
    edited: int

    @property
    def ratio(self) -> float:
        return (self.looks + self.changes) / self.edited

    def __str__(self) -> str:
        return f"{self.looks} looks and {self.changes} changes for {self.edited} edited ({self.ratio:.2f} each)"


async def calls_of(each: BothSides, edited: int) -> Calls:
    kinds = Counter(map(_kind, await each.controls("GET", "/calls")))
    return Calls(kinds["look"], kinds["change"], edited)


def _kind(call: dict[str, Any]) -> str:
    """Neither a list nor what is asked of the PSA itself. A look at a client of Halo's reads its site too: one look."""
    path = str(call["path"]).rstrip("/").lower()
    if call["method"] in ("PATCH", "PUT") or (call["method"] == "POST" and "query" not in path and "token" not in path):
        return "change"
    return "look" if path.rpartition("/")[2].isdigit() and "/site/" not in path else "list"


async def _pages(each: BothSides, ask: Any, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        page = (await ask("GET", f"{path}{'&' if '?' in path else '?'}limit=200{after}")).raise_for_status().json()
        found += page["items"]
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


async def picture_of(each: BothSides) -> Picture:
    """Every customer of the partner, with the reference among its fields, and every company of the PSA."""
    customers = await _pages(each, each.importer.asks_customers, "")
    here = {
        customer["customer_id"]: customer | {"reference": (customer["integration"] or {}).get("reference")}
        for customer in customers
    }
    rows = await each.controls("GET", "/companies?limit=10000")
    return Picture(here, {str(row["id"]): row for row in rows})


async def conflicts_of(each: BothSides) -> set[tuple[str, str]]:
    found = await _pages(each, each.importer.asks, "/conflicts?status=open")
    return {(conflict["customer_id"], conflict["field"]) for conflict in found}
