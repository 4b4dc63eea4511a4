"""Customers to send commands to: a few made by commands, and as many like them as are wanted."""

import copy
import os
import random
import uuid
from typing import Any, Final

from customer_svc.aggregates import CUSTOMER, INDEXES
from shared.contracts.topics import CUSTOMERS, CUSTOMERS_COMMANDS
from shared.engine.handled import KEPT
from shared.engine.ports import Doc
from shared.values.folding import folded
from tests.bench import running
from tests.bench.limits import LIMIT, fill
from tests.bench.records import Message, Sender, example, listener, message

PARTNER: Final = "bench"
MADE: Final = 100
"""Customers made by commands; the rest are their copies under ids of their own."""
NAME: Final = "Wattle & Tide"
_EVENTS_EACH: Final = 2
"""CustomerCreated, then EmailConfigured or EmailMissing."""


async def customers(run: running.Running, sender: Sender, size: int, *, aged: bool) -> list[str]:
    """Ids of `size` customers in the store, and of the same ones in the collection of the store's limit.

    `aged`: as 64 commands leave them, with as many identities as a document keeps.
    """
    made = await make(run, sender, min(MADE, size))
    store = run.store(running.CUSTOMERS)
    for collection, *fields in INDEXES:
        if collection == CUSTOMER.collection:
            await store.declare_index(LIMIT, *fields)
    patterns = await store.get_many("customers", made)
    copies = [like(patterns[number % len(patterns)]) for number in range(size)]
    for doc in copies if aged else ():
        age(doc)
    await fill(store, "customers", copies)
    await fill(store, LIMIT, copies)
    store.close()
    return [doc["_id"] for doc in copies]


async def make(run: running.Running, sender: Sender, number: int, **fields: Any) -> list[str]:
    """By commands, as a partner's system would; returns when they are said and at rest."""
    data = {**example("CreateCustomer"), "partner_id": PARTNER, "integration": None, **fields}
    ids = [str(uuid.uuid4()) for _ in range(number)]
    ready = sender.ready([message("CreateCustomer", id, {**data, "customer_id": id}) for id in ids])
    async with listener(run.kafka, CUSTOMERS) as said:
        await sender.send(CUSTOMERS_COMMANDS, ready)
        await said.count(_EVENTS_EACH * number)
    await run.rest()
    return ids


def like(pattern: Doc) -> Doc:
    """At rest, however fresh the pattern is: what is unsaid in a copy would be said of another customer."""
    doc = copy.deepcopy(pattern)
    doc["outbox"], doc["unsaid"] = doc["outbox"][-1:], False
    doc["_id"] = doc["state"]["customer_id"] = id = str(uuid.uuid4())
    doc["q"]["order"] = f"{doc['q']['order'].partition(chr(10))[0]}\n{id}"
    return doc


def age(doc: Doc) -> None:
    """What 64 commands leave: identities are digests, so any bytes do."""
    doc["handled"]["recent"] = os.urandom(16 * KEPT)
    doc["version"] = doc["state"]["version"] = doc["version"] + KEPT
    doc["rev"] += KEPT


def renamed(doc: Doc, number: int) -> Doc:
    """As an UpdateCustomer with another name leaves it: the name stands in an index too."""
    name = f"{NAME} {number}"
    order = f"{folded(name)}\n{doc['_id']}"
    return {**doc, "state": {**doc["state"], "company_name": name}, "q": {**doc["q"], "order": order}}


def update(id: str, fields: dict[str, Any]) -> Message:
    return message("UpdateCustomer", id, {"partner_id": PARTNER, "customer_id": id, "set": fields})


class Updates:
    """UpdateCustomer for one of the customers after the other, at random but in each run alike."""

    def __init__(self, ids: list[str]) -> None:
        self._ids, self._random, self._number = ids, random.Random(2), 0

    def __call__(self) -> Message:
        self._number += 1
        return update(self._random.choice(self._ids), {"company_name": f"{NAME} {self._number}"})
