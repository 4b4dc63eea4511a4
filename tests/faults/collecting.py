"""Gathers what the ledger needs: topics, lists over HTTP, the mailbox, and versions and outboxes of the store."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

import httpx
from pymongo import MongoClient
from pymongo.database import Database

from shared.contracts.topics import ANSWERS, CUSTOMERS, INVOICES, PSA
from tests.faults.clients import Clients
from tests.faults.ledger.asked import Asked
from tests.faults.ledger.audit import Evidence
from tests.faults.ledger.imports import Imports
from tests.faults.ledger.mails import Mail
from tests.faults.ledger.store import Store
from tests.faults.partner import NUMBER_PREFIX, PARTNERS_TERMS
from tests.faults.psas import Psas
from tests.faults.running import Running
from tests.faults.watching import COMMANDS, Watch

_AGGREGATES: Final = {"rebilling_customer_svc": "customers", "rebilling_invoice_svc": "invoices"}
_PSA_SYNC: Final = "rebilling_psa_sync_svc"
_WAITS_RIGHTLY: Final = ("held", "overdue", "poll")
"""Work that stays open as long as its invoice is held or unpaid, or its integration has links."""


async def collect(
    running: Running, clients: Clients, watch: Watch, psas: Psas, away: list[tuple[float, float]]
) -> Evidence:
    """`away`: when a PSA was. Raises `httpx.HTTPError` or pymongo's errors while something is away."""
    endpoints = running.endpoints()
    store = await asyncio.to_thread(_stored, endpoints["mongodb"])
    shown, mails = {}, []
    async with httpx.AsyncClient(timeout=30.0, trust_env=False) as client:
        async for one in _listed(client, endpoints["customer_svc"] + "/v1/customers", endpoints["token"]):
            shown[one["customer_id"]] = one
        async for one in _listed(client, endpoints["invoice_svc"] + "/v1/invoices", endpoints["token"]):
            shown[one["invoice_id"]] = one
        imports = await _imports(client, endpoints, clients.asked)
        accounts = await psas.accounts(client)
        found = (await client.get(endpoints["mail"] + "/messages")).raise_for_status().json()
        mails = [Mail(one["message_id"], tuple(one["to"])) for one in found]
    await watch.caught_up(30.0)
    return Evidence(
        prefix=NUMBER_PREFIX,
        terms=PARTNERS_TERMS,
        today=datetime.now(UTC).date(),
        asked=clients.asked,
        commands=watch.of(*COMMANDS),
        customers=watch.of(CUSTOMERS.name),
        psa=watch.of(PSA.name),
        invoices=watch.of(INVOICES.name),
        answers=watch.of(ANSWERS.name),
        dead_letters=watch.dead_letters,
        shown=shown,
        mails=mails,
        store=store,
        imports=Imports(imports, away, accounts),
    )


async def _listed(client: httpx.AsyncClient, url: str, token: str) -> AsyncIterator[dict[str, Any]]:
    """Page by page, as a partner's own program would."""
    query = {"limit": "200"}
    while True:
        answer = await client.get(url, params=query, headers={"Authorization": f"Bearer {token}"})
        page = answer.raise_for_status().json()
        for item in page["items"]:
            yield item
        if page["next"] is None:
            return
        query["after"] = page["next"]


async def _imports(
    client: httpx.AsyncClient, endpoints: dict[str, Any], asked: Mapping[str, Asked]
) -> dict[str, dict[str, Any]]:
    """Each import that was taken, as whoever asked for it sees it; there is no list of them."""
    found = {}
    for id in [id for id, one in asked.items() if one.name == "ImportCustomer" and one.accepted]:
        url = f"{endpoints['psa_sync_svc']}/v1/imports/{id}"
        answer = await client.get(url, headers={"Authorization": f"Bearer {endpoints['token']}"})
        if answer.status_code != HTTPStatus.NOT_FOUND:
            shown = answer.raise_for_status().json()
            found[id] = {name: shown[name] for name in ("status", "customer_id", "created", "code")}
    return found


def _stored(uri: str) -> Store:
    found = Store()
    client: MongoClient[dict[str, Any]] = MongoClient(uri, serverSelectionTimeoutMS=10_000)
    try:
        for name, aggregates in _AGGREGATES.items():
            database = client[name]
            for doc in database[aggregates].find({}, {"version": 1}):
                found.versions[doc["_id"]] = doc["version"]
            _add_unfinished(found, database)
        for link in client[_PSA_SYNC]["links"].find({}, {"state": 1}):
            known = link["state"]["account"]
            account = known and {name: known[name] for name in ("integration_id", "account_id")}
            found.links[link["_id"]] = (link["state"]["customer_version"], account)
        _add_unfinished(found, client[_PSA_SYNC])
    finally:
        client.close()
    return found


def _add_unfinished(found: Store, database: Database[dict[str, Any]]) -> None:
    for collection in database.list_collection_names():
        found.unsaid += [str(doc["_id"]) for doc in database[collection].find({"unsaid": True}, {"_id": 1})]
    open_work = database["open_work"].find({}, {"job": 1})
    found.open_work += [doc["_id"] for doc in open_work if doc["job"] not in _WAITS_RIGHTLY]
