"""The mirrored accounts of an integration, a document each, written a page at a time and only where they changed."""

import time
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import asdict, dataclass
from itertools import count
from typing import Any, Final

from psa_sync_svc.aggregates import ACCOUNTS, account_key, order
from psa_sync_svc.domain.account import PsaAccount, as_text
from psa_sync_svc.domain.integration import Integration
from psa_sync_svc.domain.likeness import FORM, keys_of
from shared.engine.ports import Doc, Documents, Write
from shared.values.folding import folded

PAGE: Final = 500
_stamps: Final = count(time.time_ns())


@dataclass(frozen=True, slots=True)
class Kept:
    """The ids of a page's documents, and how many of them were not so before."""

    ids: frozenset[str]
    changed: int


class Accounts:
    """Two readings at once do no harm: a write that another was faster with is left out. `region`: the deployment's,
    for national telephone numbers."""

    def __init__(self, store: Documents, region: str | None) -> None:
        self._store, self._region = store, region

    async def put(self, integration: Integration, page: Sequence[PsaAccount]) -> Kept:
        """Write what is new, changed or back again. What an account comes down to is kept with it, so that nobody who
        looks for likely duplicates has to read every telephone number anew."""
        accounts = {_key(integration, account): account for account in map(as_text, page)}
        docs = {id: _document(integration, id, account) for id, account in accounts.items()}
        known = {doc["_id"]: doc for doc in await self._store.get_many(ACCOUNTS, list(docs))}
        changed = {id for id, doc in docs.items() if id not in known or _differs(doc, known[id])}
        writes = [
            _write({**doc, "like": asdict(keys_of(accounts[id], self._region))}, known.get(id))
            for id, doc in docs.items()
            if id in changed or not has_keys(known[id], self._region)
        ]
        if writes:
            await self._store.save(ACCOUNTS, writes)
        return Kept(frozenset(docs), len(changed))

    async def mark_gone(self, integration: Integration, seen: Collection[str]) -> int:
        """The accounts that a whole reading did not meet; they stay, since customers may be linked with them."""
        marked = 0
        async for page in self._pages(integration):
            gone = [doc for doc in page if doc["_id"] not in seen and not doc["gone"]]
            marked += await self._store.update_each(
                ACCOUNTS,
                [(doc["_id"], {"rev": doc["rev"]}, {"$set": {"gone": True}, "$inc": {"rev": 1}}) for doc in gone],
            )
        return marked

    async def remove_all(self, integration: Integration) -> None:
        """Of an integration that was deleted nothing is kept."""
        async for page in self._pages(integration):
            for doc in page:
                await self._store.delete_if(ACCOUNTS, doc["_id"], {})

    async def _pages(self, integration: Integration) -> AsyncIterator[list[Doc]]:
        first = account_key(integration.partner_id, integration.integration_id, "")
        after, beyond = first, f"{first[:-1]}}}"  # "}" is what comes after "|"
        while True:
            filter = {"_id": {"$gt": after, "$lt": beyond}}
            page = await self._store.find(
                ACCOUNTS, filter, sort=[("_id", 1)], limit=PAGE, projection={"gone": 1, "rev": 1}
            )
            if page:
                yield page
            if len(page) < PAGE:
                return
            after = page[-1]["_id"]


def has_keys(doc: Doc, region: str | None) -> bool:
    """False for what an older version wrote, or under another setting."""
    kept = doc.get("like") or {}
    return (kept.get("form"), kept.get("region")) == (FORM, region)


def _key(integration: Integration, account: PsaAccount) -> str:
    return account_key(integration.partner_id, integration.integration_id, account.account_id)


def _document(integration: Integration, id: str, account: PsaAccount) -> Doc:
    texts = (account.company_name, account.reference, account.account_id)
    return {
        "_id": id,
        "partner_id": integration.partner_id,
        "integration_id": integration.integration_id,
        "order": order(account.company_name, account.account_id),
        "text": "\n".join(folded(text) for text in texts if text),
        "account": asdict(account),
        "gone": False,
    }


def _differs(doc: Doc, known: Doc) -> bool:
    return any(known.get(name) != value for name, value in doc.items())


def _write(doc: Doc, known: Doc | None) -> Write:
    rev: int | None = known["rev"] if known else None
    stamped: dict[str, Any] = {**doc, "rev": (rev or 0) + 1, "stamp": next(_stamps)}
    return Write(stamped, rev)
