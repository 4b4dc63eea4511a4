"""The partner's PSAs: three simulated ones, each connected once, and accounts in them that belong to one story each."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from time import monotonic
from typing import Any

import httpx

from tests.faults.addresses import any_address
from tests.faults.clients import PATIENCE_S
from tests.faults.providers import NEW, take_plenty
from tests.faults.running import NotRunning, Running
from tests.providers import OF


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
            await take_plenty(client, self._simulators["halopsa"])
            for name, provider in OF.items():
                body = {
                    "provider": name,
                    "name": name,
                    "base_url": self._for_services[name],
                    "credentials": dict(provider.credentials),
                }
                made = await client.post(f"{self._url}/v1/integrations", json=body, headers={"Idempotency-Key": name})
                self._integrations[name] = made.raise_for_status().json()["integration_id"]

    def no_account(self, rng: random.Random) -> Account:
        """One that the PSA does not have."""
        return Account(self._integrations[rng.choice(sorted(OF))], str(rng.randint(900_000_000, 999_999_999)))

    async def new_account(self, rng: random.Random) -> Account:
        """Its telephone number is international, or none that anybody could call."""
        name = rng.choice(sorted(OF))
        phone = "ask at the desk" if rng.random() < 0.2 else f"+31 20 794 {rng.randint(6000, 6999)}"
        address = {"company_address": any_address(rng)} if rng.random() < 0.7 else {}
        account = Account(
            self._integrations[name], str((await self._made(name, {"contact_number": phone, **address}))["id"])
        )
        self._given.append((name, account))
        return account

    async def accounts(self, client: httpx.AsyncClient) -> dict[tuple[str, str], dict[str, Any]]:
        """All that were made for a story, as they are there now. Raises `httpx.HTTPError`."""
        found = {}
        for name, account in self._given:
            row = (await client.get(f"{self._simulators[name]}/companies/{account.account_id}")).raise_for_status()
            found[account.integration_id, account.account_id] = OF[name].shown(row.json())
        return found

    async def edit(self, account: Account, **fields: Any) -> None:
        """As a person there does it."""
        name = next(name for name, given in self._given if given == account)
        url = f"{self._simulators[name]}/companies/{account.account_id}"
        await self._until_done("PATCH", url, lambda: OF[name].given(fields))

    async def _made(self, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Another one where no answer came: an account more than is imported does no harm."""

        def another() -> dict[str, Any]:
            number = next(self._numbers)
            named = {"company_name": f"at {number}", "reference": f"N-{number}"}
            return NEW[name](number) | OF[name].given({**fields, **named})

        return await self._until_done("POST", f"{self._simulators[name]}/companies", another)

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
