"""What ConnectWise's hosts answer, scripted, and where they are."""

import json
from typing import Any

import httpx

from psa_sync_svc.workers.psa import Psa

Open = Any
World = Any
NA, EU = "api-na.myconnectwise.net", "api-eu.myconnectwise.net"
API = "/v2025_1/apis/3.0/company/companies"


def ok(payload: object, **headers: str) -> httpx.Response:
    return httpx.Response(200, content=json.dumps(payload), headers={"Content-Type": "application/json", **headers})


def company(number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "name": f"Company {number}", "status": {"id": 1, "name": "Active"}, **more}


def told(codebase: str | None = "v2025_1/", **more: Any) -> httpx.Response:
    return ok({"CompanyName": "Harbour", "Codebase": codebase, **more})


async def read_all(psa: Psa, **given: Any) -> list[str]:
    return [account.account_id async for page in psa.accounts(**given) for account in page]
