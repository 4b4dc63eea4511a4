"""Autotask signs the bytes that it sends: HMAC-SHA1 under the secret that its webhook was given."""

import hmac
from base64 import b64encode
from hashlib import sha1
from typing import Final

from psa_sync_svc.adapters.values import time_of
from psa_sync_svc.adapters.webhooks.proof import id_of, key_of, mark_of, object_in, same
from psa_sync_svc.workers.webhooks import Doubt, Hook, NotBelieved, Received, Told

_COMPANIES: Final = frozenset({"account", "accounts", "company", "companies"})
"""Sources differ in the word for them."""
_STOPPED: Final = "deactivated"


class AutotaskWebhooks:
    """The bytes are checked as they came: read and written again, those of names with accents would differ."""

    proof_header: str | None = "X-Hook-Signature"

    async def read(self, hook: Hook, received: Received) -> Told:
        made = hmac.digest(key_of(hook.secret), received.body, sha1)
        right = f"sha1={b64encode(made).decode()}"
        given = received.headers.get("x-hook-signature")
        if not same(right, given or "") or hook.secret is None:
            raise NotBelieved(_doubt(hook, given))
        return _told(received.body)


def _doubt(hook: Hook, given: str | None) -> Doubt:
    if hook.secret is None:
        return Doubt.NO_SECRET
    return Doubt.NO_SIGNATURE if given is None else Doubt.WRONG_SIGNATURE


def _told(body: bytes) -> Told:
    event = object_in(body)
    mark, sent_at = mark_of(body), time_of(event.get("eventtime"))
    if str(event.get("action")).lower() == _STOPPED:
        return Told(stopped=True, mark=mark, sent_at=sent_at)
    account_id = id_of(event.get("id"))
    if str(event.get("entitytype")).lower() not in _COMPANIES or account_id is None:
        return Told(mark=mark, sent_at=sent_at)
    return Told((account_id,), mark=mark, sent_at=sent_at)
