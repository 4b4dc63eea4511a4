"""What an Idempotency-Key stands for, where a request creates something.

Which document is created may stand in the body, so no document could tell that the same key came with another body
before, for another one. So the key is claimed first, by a small document of its own. It is claimed for ever, as the
identities of creations are kept for ever; whoever dies after it is completed by the repeat, which has the same body.
"""

from typing import Final

from shared.engine.change import Meta
from shared.engine.decision import Refused, refuse
from shared.engine.ports import Documents

KEYS: Final = "keys"


def key_reused() -> Refused:
    return refuse("", "IDEMPOTENCY_KEY_REUSED", "this Idempotency-Key came before with another body; use a new key")


async def claim(store: Documents, meta: Meta) -> None:
    """Claiming again changes nothing. Raises `Refused` where another body was first, and `Unavailable`."""
    if await store.insert(KEYS, {"_id": meta.identity, "partner_id": meta.partner_id, "body": meta.body}):
        return
    first = await store.get(KEYS, meta.identity)
    if first is not None and first["body"] != meta.body:
        raise key_reused()
