"""What PSAs send, proved in each vendor's way, and what the tests of it look at."""

import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha1, sha256
from typing import Any
from uuid import uuid4

import httpx

from psa_sync_svc.aggregates import LINK
from psa_sync_svc.domain.integration import Integration
from psa_sync_svc.handlers.notice_account import noticing_account
from psa_sync_svc.workers.asking import now
from psa_sync_svc.workers.envelope import work_meta
from shared.contracts import customers
from shared.contracts.topics import CUSTOMERS

KEY_URL = "https://api-na.myconnectwise.net/v2025_1/apis/3.0/keys/1"


def event(account_id: object = 4711, **more: Any) -> bytes:
    """As Autotask writes it, escapes included."""
    at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    told = {"Action": "Update", "EntityType": "Account", "Id": account_id, "EventTime": at, "SequenceNumber": 7}
    return json.dumps(told | {"Fields": {"companyName": "Ørsted"}, "Guid": str(uuid4())} | more).encode()


def signed(secret: str, body: bytes) -> dict[str, str]:
    return {"X-Hook-Signature": "sha1=" + b64encode(hmac.digest(secret.encode(), body, sha1)).decode()}


def callback(account_id: object = 4711, key_url: object = KEY_URL, **more: Any) -> bytes:
    """As ConnectWise writes it; what it says of the company is JSON in JSON."""
    told = {"MessageId": str(uuid4()), "CompanyId": "harbour", "Action": "updated", "Type": "company", "ID": account_id}
    return json.dumps(told | {"Entity": "{}", "Metadata": {"key_url": key_url}} | more).encode()


def sealed_by(key: str, body: bytes) -> dict[str, str]:
    digest = hmac.digest(sha256(key.encode()).digest(), body, sha256)
    return {"x-content-signature": b64encode(digest).decode()}


def at(integration: Integration, more: str = "") -> str:
    return f"/v1/webhooks/{integration.integration_id}{more}"


async def secret_of(http: httpx.AsyncClient, integration: Integration) -> str:
    answer = await http.post(f"/v1/integrations/{integration.integration_id}/webhook-secret")
    assert answer.status_code == 201, answer.text
    secret: str = answer.json()["secret"]
    return secret


async def linked(service: Any, integration: Integration, account_id: str = "4711") -> str:
    """A customer that is linked with this account, which was read since."""
    id = str(uuid4())
    link = {"integration_id": integration.integration_id, "account_id": account_id, "link_version": 1}
    customer = {
        "customer_id": id,
        "partner_id": "harbour-it",
        "version": 1,
        "status": "active",
        "company_name": "Wattle & Tide",
        "integration": link,
        "created_at": "2026-07-01T00:00:00Z",
        "updated_at": "2026-07-01T00:00:00Z",
    }
    await service.hear(CUSTOMERS, customers.CustomerLinked.model_validate({"customer": customer}))
    await service.work()
    seen = noticing_account(
        integration, id, account_id, service.psa.accounts_there[account_id], now(), region=None, under_lease=True
    )
    await service.engine.execute([seen], work_meta("harbour-it", "test"))
    assert not await looks_at(service, id)
    return id


async def looks_at(service: Any, customer_id: str) -> bool:
    found = await service.engine.read(LINK, customer_id)
    return bool(found.look)


async def everything(service: Any) -> dict[str, Any]:
    """All that the store holds, and how often each document was written."""
    names = ("integrations", "links", "watches", "deliveries", "open_work", "accounts", "refusals")
    return {name: await service.store.find(name, {}, sort=[("_id", 1)]) for name in names}


def problems(answer: httpx.Response) -> list[str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return [each["code"] for each in answer.json()["errors"]]
