"""Callbacks as ConnectWise writes them: the record as JSON in JSON, signed under a key whose address they name."""

import hmac
import json
import uuid
from base64 import b64encode
from hashlib import sha256
from typing import Final
from urllib.parse import urlencode

from fastapi import FastAPI

from embedded.connectwise.credentials import COMPANY
from embedded.connectwise.shown import shown
from embedded.simulated.webhooks import Happened, Sent, Target

KEY: Final = "simulated-callback-signing-key"
_AT: Final = "/callback-keys/1"


def written(happened: Happened, target: Target) -> Sent:
    """What is only flagged as deleted is told as deleted."""
    before, row = happened.before, happened.row
    gone = row is None or row.get("deletedFlag") is True
    action = "deleted" if gone else "added" if before is None else "updated"
    body = json.dumps(
        {
            "MessageId": str(uuid.uuid4()),
            "FromUrl": "na.myconnectwise.net",
            "CompanyId": COMPANY,
            "MemberId": "person1",
            "Action": action,
            "Type": "company",
            "ID": happened.id,
            "ProductInstanceId": None,
            "PartnerId": None,
            "Entity": json.dumps(shown(row or before or {}), ensure_ascii=False),
            "Metadata": {"key_url": target.key_url or happened.origin + _AT},
        },
        ensure_ascii=False,
    ).encode()
    url = f"{target.url}?{urlencode({'action': action, 'id': happened.id})}"
    signature = hmac.digest(sha256(KEY.encode()).digest(), body, sha256)
    headers = {"Content-Type": "application/json", "x-content-signature": b64encode(signature).decode()}
    return Sent(url, headers, body)


def show_key(app: FastAPI) -> None:
    @app.get(_AT)
    async def key() -> dict[str, str]:
        return {"signing_key": KEY}
