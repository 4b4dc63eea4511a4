"""The partner's PSAs: two simulated ones, each connected once, and accounts in them that belong to one story each."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from time import monotonic
from typing import Any, Final

import httpx

from embedded.autotask.credentials import INTEGRATION_CODE, SECRET, USERNAME
from embedded.autotask.samples import OWNERS
from embedded.connectwise.credentials import CLIENT_ID, COMPANY, PRIVATE_KEY, PUBLIC_KEY
from tests.faults.clients import PATIENCE_S
from tests.faults.running import NotRunning, Running

_CREDENTIALS: Final = {
    "autotask": {"username": USERNAME, "secret": SECRET, "integration_code": INTEGRATION_CODE},
    "connectwise": {
        "company": COMPANY,
        "public_key": PUBLIC_KEY,
        "private_key": PRIVATE_KEY,
        "client_id": CLIENT_ID,
    },
}
_NAME: Final = {"autotask": "companyName", "connectwise": "name"}


@dataclass(frozen=True, slots=True)
class Account:
    integration_id: str
    account_id: str


class Psas:
    """Whoever works in a PSA; it goes on trying while that is away."""

    def __init__(self, running: Running) -> None:
        endpoints = running.endpoints()
        self._url, self._simulators = endpoints["psa_sync_svc"], dict(endpoints["simulators"])
        self._for_services = endpoints.get("simulators_for_services", self._simulators)
        self._bearer = {"Authorization": f"Bearer {endpoints['token']}"}
        self._numbers, self._integrations = count(1), dict[str, str]()
        self._given: list[tuple[str, Account]] = []

    async def connect(self) -> None:
        async with httpx.AsyncClient(headers=self._bearer, timeout=30.0, trust_env=False) as client:
            for name, credentials in _CREDENTIALS.items():
                body = {
                    "provider": name,
                    "name": name,
                    "base_url": self._for_services[name],
                    "credentials": credentials,
                }
                made = await client.post(f"{self._url}/v1/integrations", json=body, headers={"Idempotency-Key": name})
                self._integrations[name] = made.raise_for_status().json()["integration_id"]

    def no_account(self, rng: random.Random) -> Account:
        """One that the PSA does not have."""
        return Account(self._integrations[rng.choice(sorted(_CREDENTIALS))], str(rng.randint(900_000_000, 999_999_999)))

    async def new_account(self, rng: random.Random) -> Account:
        """Its telephone number is international, or none that anybody could call."""
        name = rng.choice(sorted(_CREDENTIALS))
        phone = "ask at the desk" if rng.random() < 0.2 else f"+31 20 794 {rng.randint(6000, 6999)}"
        account = Account(self._integrations[name], str((await self._made(name, phone))["id"]))
        self._given.append((name, account))
        return account

    async def names(self, client: httpx.AsyncClient) -> dict[tuple[str, str], str]:
        """Of all accounts that were made for a story, as they are called there now. Raises `httpx.HTTPError`."""
        found = {}
        for name, account in self._given:
            company = (await client.get(f"{self._simulators[name]}/companies/{account.account_id}")).raise_for_status()
            found[account.integration_id, account.account_id] = str(company.json()[_NAME[name]])
        return found

    async def rename(self, account: Account, to: str) -> None:
        """As a person there does it."""
        name = next(name for name, given in self._given if given == account)
        await self._until_done(
            "PATCH", f"{self._simulators[name]}/companies/{account.account_id}", lambda: {_NAME[name]: to}
        )

    async def _made(self, name: str, phone: str) -> dict[str, Any]:
        """Another one where no answer came: an account more than is imported does no harm."""
        url = f"{self._simulators[name]}/companies"
        return await self._until_done("POST", url, lambda: _company(name, next(self._numbers), phone))

    async def _until_done(self, method: str, url: str, body: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        until = monotonic() + PATIENCE_S
        async with httpx.AsyncClient(timeout=5.0, trust_env=False) as client:
            while monotonic() < until:
                try:
                    answer = await client.request(method, url, json=body())
                except httpx.HTTPError:
                    await asyncio.sleep(0.3)
                else:
                    return dict(answer.raise_for_status().json())
        raise NotRunning(f"{url}: no answer within {PATIENCE_S:.0f} s")


def _company(name: str, number: int, phone: str) -> dict[str, Any]:
    if name == "autotask":
        owner = next(iter(OWNERS))
        return {"companyName": f"at {number}", "companyType": 1, "ownerResourceID": owner, "phone": phone}
    texts = {"identifier": f"f{number}", "name": f"cw {number}", "phoneNumber": phone, "city": "Leiden"}
    return {**texts, "status": {"id": 1}}
