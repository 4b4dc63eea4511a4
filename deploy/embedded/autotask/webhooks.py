"""Webhooks as Autotask writes them: .NET's escapes for all that is no plain ASCII, and a signature over those bytes."""

import hmac
import json
import re
import uuid
from base64 import b64encode
from hashlib import sha1
from typing import Any, Final

from embedded.autotask import times
from embedded.autotask.store import Row
from embedded.simulated.webhooks import Happened, Sent, Target

FIELDS: Final = (
    *("companyName", "phone", "address1", "address2", "city", "state", "postalCode"),
    *("countryID", "companyNumber", "isActive"),
)
"""Those that the webhook is subscribed to."""
_ESCAPED: Final = re.compile(r"\\u[0-9a-f]{4}|\\.|[&<>'+`]|[^\x00-\x7e]")
_PERSON: Final = 30691780


def written(happened: Happened, target: Target) -> Sent:
    before, row = happened.before, happened.row
    action = "Create" if before is None else "Delete" if row is None else "Update"
    return _sent(target.url, target.secret, _event(action, happened.id, happened.number, _changed(before, row)))


def stopped(target: Target) -> Sent:
    """Without a signature that could be trusted, as there."""
    body = dotnet_json(_event("Deactivated", 0, 0, {}))
    return Sent(target.stopped_url or "", {"Content-Type": "application/json; charset=utf-8"}, body)


def _event(action: str, id: int, number: int, fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "Action": action,
        "Guid": str(uuid.uuid4()),
        "EntityType": "Account",
        "Id": id,
        "Fields": fields,
        "EventTime": times.now() + "Z",
        "SequenceNumber": number,
        "PersonID": _PERSON,
    }


def _changed(before: Row | None, row: Row | None) -> dict[str, Any]:
    shown = row or {}
    return {name: shown[name] for name in FIELDS if name in shown and (before or {}).get(name) != shown[name]}


def _sent(url: str, secret: str, event: dict[str, Any]) -> Sent:
    body = dotnet_json(event)
    signature = b64encode(hmac.digest(secret.encode(), body, sha1)).decode()
    headers = {"Content-Type": "application/json; charset=utf-8", "X-Hook-Signature": f"sha1={signature}"}
    return Sent(url, headers, body)


def dotnet_json(value: Any) -> bytes:
    """As .NET writes it by default: quotes, what HTML knows and all beyond ASCII are escapes in capitals."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _ESCAPED.sub(lambda found: _escape(found.group()), text).encode()


def _escape(found: str) -> str:
    if found == '\\"':
        return "\\u0022"
    if found.startswith("\\u"):
        return f"\\u{found[2:].upper()}"
    if found.startswith("\\"):
        return found
    units = found.encode("utf-16-be")
    return "".join(f"\\u{units[at : at + 2].hex().upper()}" for at in range(0, len(units), 2))
