"""What lists look for in a document, as the running version works it out: a newer one may fold names otherwise, or look
for something new, and a document that nobody changes would keep for ever what the version wrote that saved it last."""

from collections.abc import Sequence
from typing import Any

from shared.engine.change import Kind
from shared.engine.document import states_in
from shared.engine.ports import Doc, Documents


async def renew(store: Documents, kind: Kind[Any, Any], docs: Sequence[Doc]) -> int:
    """Answers how many were renewed. What was saved meanwhile has it by that save: `rev` stays, since nothing else is
    another one."""
    if kind.index is None:
        return 0
    found = ((doc, dict(kind.index(state))) for doc, state in states_in(kind, docs))
    updates = [(doc["_id"], {"rev": doc["rev"]}, {"$set": {"q": q}}) for doc, q in found if doc.get("q") != q]
    return await store.update_each(kind.collection, updates)
