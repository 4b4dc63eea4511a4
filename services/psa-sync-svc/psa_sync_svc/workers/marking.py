"""The mirrored accounts that somebody may want to import, each marked: new, linked, or like customers that are here."""

import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter

from psa_sync_svc.aggregates import ACCOUNTS, KNOWN_CUSTOMER, LINK, account_key
from psa_sync_svc.domain.account import PsaAccount
from psa_sync_svc.domain.bulk import Selection
from psa_sync_svc.domain.integration import Integration
from psa_sync_svc.domain.likeness import Keys, Mark, keys_of
from psa_sync_svc.workers.accounts import has_keys
from shared.engine.ports import Doc, Documents
from shared.values.folding import folded

_AT_ONCE: Final = 500
_MOST_ALIKE: Final = 10
"""Customers that are named; who has more of one name looks for himself."""


@dataclass(frozen=True, slots=True)
class Marked:
    """`customers`: the one that it is linked with, or those that it is like."""

    mark: Mark
    customers: tuple[str, ...] = ()


class Marking:
    """`region`: the country whose national telephone numbers are meant where an address tells none."""

    def __init__(self, store: Documents, region: str | None) -> None:
        self._store, self._region = store, region

    async def mark(self, integration: Integration, docs: Sequence[Doc]) -> dict[str, Marked]:
        """By the documents' ids."""
        linked = await self._linked([doc["_id"] for doc in docs])
        keys = {doc["_id"]: self._keys(doc) for doc in docs if doc["_id"] not in linked}
        names = await self._customers(integration, "name", {each.name for each in keys.values()})
        phones = await self._customers(integration, "phone", {each.phone for each in keys.values()})
        found = {id: Marked(Mark.LINKED, (customer,)) for id, customer in linked.items()}
        for id, each in keys.items():
            alike = _once((*names.get(each.name, ()), *phones.get(each.phone, ())))
            found[id] = Marked(Mark.LIKELY_DUPLICATE if alike else Mark.NEW, alike[:_MOST_ALIKE])
        return found

    async def counts(self, integration: Integration, selection: Selection) -> Counter[Mark]:
        """Of all that are selected."""
        found: Counter[Mark] = Counter()
        async for page in self._pages(integration, selection):
            found.update(each.mark for each in (await self.mark(integration, page)).values())
        return found

    async def after(self, integration: Integration, selection: Selection, cursor: str, limit: int) -> list[Doc]:
        """By id, which stays while names change."""
        first = account_key(integration.partner_id, integration.integration_id, "")
        filter = {"_id": {"$gt": first + cursor, "$lt": f"{first[:-1]}}}"}} | _left(selection)
        return await self._store.find(ACCOUNTS, filter, sort=[("_id", 1)], limit=limit, projection=_READ)

    async def _pages(self, integration: Integration, selection: Selection) -> AsyncIterator[list[Doc]]:
        cursor = ""
        while page := await self.after(integration, selection, cursor, _AT_ONCE):
            yield page
            cursor = page[-1]["account"]["account_id"]

    async def _linked(self, keys: Sequence[str]) -> dict[str, str]:
        docs = await self._store.find(LINK.collection, {"q.account": {"$in": list(keys)}}, projection={"q": 1})
        return {doc["q"]["account"]: doc["_id"] for doc in docs}

    async def _customers(
        self, integration: Integration, what: str, values: Collection[str | None]
    ) -> dict[str | None, list[str]]:
        wanted = sorted(value for value in values if value)
        if not wanted:
            return {}
        filter = {"partner_id": integration.partner_id, f"q.{what}": {"$in": wanted}}
        found: defaultdict[str | None, list[str]] = defaultdict(list)
        for doc in await self._store.find(KNOWN_CUSTOMER.collection, filter, projection={"q": 1}):
            found[doc["q"][what]].append(doc["_id"])
        return found

    def _keys(self, doc: Doc) -> Keys:
        """As they are kept with the account, since to read 20,000 telephone numbers holds up everybody else."""
        if has_keys(doc, self._region):
            return Keys(**doc["like"])
        return keys_of(_ACCOUNT.validate_python(doc["account"]), self._region)


_ACCOUNT: Final = TypeAdapter(PsaAccount)
_READ: Final = {"account": 1, "like": 1}


def where(integration: Integration, selection: Selection) -> dict[str, Any]:
    """The accounts that the PSA still has and that are selected."""
    whose = {"partner_id": integration.partner_id, "integration_id": integration.integration_id}
    return whose | _left(selection)


def _left(selection: Selection) -> dict[str, Any]:
    """Without whose they are: an id tells that, and a store that is told it twice may read by the wrong index."""
    filter: dict[str, Any] = {"gone": False}
    if text := (selection.search or "").strip():
        filter["text"] = {"$regex": re.escape(folded(text))}
    if selection.active is not None:
        filter["account.active"] = selection.active
    return filter


def _once(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(ids)))
