"""What the partner settles before anything else: its own terms, its day and its numbers."""

from typing import Any, Final

import httpx

from tests.faults.running import Running

NUMBER_PREFIX: Final = "FT-"
PARTNERS_TERMS: Final[dict[str, Any]] = {"kind": "days_end_of_month", "days": 10}
_SETTINGS: Final = {
    "payment_terms": PARTNERS_TERMS,
    "time_zone": "Europe/Amsterdam",
    "currency": "EUR",
    "number_prefix": NUMBER_PREFIX,
}


async def settle(running: Running) -> None:
    endpoints = running.endpoints()
    url, bearer = f"{endpoints['invoice_svc']}/v1/settings", {"Authorization": f"Bearer {endpoints['token']}"}
    async with httpx.AsyncClient(timeout=30.0, trust_env=False) as client:
        (await client.put(url, json=_SETTINGS, headers=bearer)).raise_for_status()
