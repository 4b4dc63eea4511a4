"""What stands in invoice-svc when it is measured: its accounts, and invoices with the work that they ask for."""

import copy
import uuid
from collections.abc import Sequence

from shared.contracts.topics import INVOICES, INVOICES_COMMANDS
from shared.engine.jobs import OPEN_WORK
from shared.engine.ports import Doc
from shared.store.mongo import MongoStore
from tests.bench.customers import PARTNER
from tests.bench.limits import BATCH, LIMIT, fill
from tests.bench.records import Message, Sender, example, listener, message


async def make(kafka: str, sender: Sender, customers: Sequence[str], *, send: bool, said: bytes) -> None:
    """One invoice for each customer, by commands; returns when each is followed by what is `said` of it."""
    async with listener(kafka, INVOICES) as heard:
        await sender.send(INVOICES_COMMANDS, sender.ready(_create(id, send=send) for id in customers))
        await heard.count(len(customers), said)


def _create(customer_id: str, *, send: bool) -> Message:
    told = {"partner_id": PARTNER, "customer_id": customer_id, "invoice_id": str(uuid.uuid4())}
    data = {**example("CreateInvoice"), **told, "customer_version": None, "send": send}
    return message("CreateInvoice", customer_id, data)


async def multiply_accounts(store: MongoStore, number: int) -> list[str]:
    """Accounts like those that are there, under ids of their own; also in the collection of the store's limit."""
    patterns = await store.find("accounts", {})
    copies = [_account(patterns[at % len(patterns)]) for at in range(number)]
    await fill(store, "accounts", copies)
    await fill(store, LIMIT, copies)
    return [doc["_id"] for doc in copies]


async def multiply_invoices(store: MongoStore, number: int, customers: Sequence[str]) -> None:
    """Invoices like those that are there, each with its open work."""
    patterns = await store.find("invoices", {})
    work: dict[str, list[Doc]] = {}
    for entry in await store.find(OPEN_WORK, {}):
        work.setdefault(entry["target"], []).append(entry)
    for at in range(0, number, BATCH):
        invoices, entries = [], []
        for each in range(at, min(at + BATCH, number)):
            pattern, id, customer = patterns[each % len(patterns)], str(uuid.uuid4()), customers[each % len(customers)]
            invoices.append(_invoice(pattern, id, customer))
            entries += [_entry(entry, id, customer) for entry in work.get(pattern["_id"], ())]
        await fill(store, "invoices", invoices)
        await fill(store, OPEN_WORK, entries)


def _account(pattern: Doc) -> Doc:
    doc, id = copy.deepcopy(pattern), str(uuid.uuid4())
    doc["_id"] = doc["state"]["customer_id"] = id
    return doc


def _invoice(pattern: Doc, id: str, customer_id: str) -> Doc:
    doc = copy.deepcopy(pattern)
    doc["_id"] = doc["state"]["invoice_id"] = id
    doc["state"]["customer_id"] = doc["q"]["customer_id"] = customer_id
    doc["q"]["order"] = f"{doc['state']['created_at']}|{id}"
    return doc


def _entry(pattern: Doc, id: str, customer_id: str) -> Doc:
    told = {"_id": f"{pattern['job']}/{id}", "target": id, "customer_id": customer_id}
    return {**pattern, **told}
