"""The list of accounts from which a person chooses one, and what is typed to search it, over HTTP from the mirror."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

import httpx

from embedded.autotask.credentials import INTEGRATION_CODE, SECRET, USERNAME
from tests.bench import running
from tests.bench.plan import Plan
from tests.bench.report import Report
from tests.bench.running import Running

MIRRORED_S: Final = 300.0
LIMIT_MS: Final = 50.0
_CREDENTIALS: Final = {"username": USERNAME, "secret": SECRET, "integration_code": INTEGRATION_CODE}
_WARM: Final = 20
_SEARCHES: Final[dict[str, Callable[[int], str]]] = {
    "a word that hundreds have": lambda n: ("bakery", "gmbh", "logistics", "tandarts", "architecten")[n % 5],
    "two letters": lambda n: ("ka", "dr", "le", "no", "so")[n % 5],
    "one account's reference": lambda n: f"NW-{1000 + 3 * (n * 61 % 6000)}",
    "what none has": lambda n: f"zzyzx {n}",
}


async def measure(plan: Plan, report: Report) -> None:
    async with plan.running("dropdown", running.PSA, accounts=plan.accounts) as run:
        token = run.identity.token("bench")
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(headers=headers, timeout=30, trust_env=False) as http:
            of_all = await _mirrored(http, run)
            list_ = AccountList(http, of_all)
            await list_.searches(_WARM, str)
            size = f"drop-down of {plan.accounts:,}"
            report.within(f"{size}: its first page", await list_.searches(plan.looks, lambda _: ""), LIMIT_MS)
            for what, typed in _SEARCHES.items():
                report.within(f"{size}: {what}", await list_.searches(plan.looks, typed), LIMIT_MS)
            report.within(f"{size}: pages of 50 to the end", await list_.pages("50"), LIMIT_MS)
            report.within(f"{size}: pages of 200 to the end", await list_.pages("200"), LIMIT_MS)
            report.within(f"{size}: pages of a search to its end", await list_.pages("50", search="gmbh"), LIMIT_MS)
        report.memory(run.services[running.PSA])


async def _mirrored(http: httpx.AsyncClient, run: Running) -> str:
    """The address of a new integration's accounts, once all are in the mirror."""
    at = f"{run.services[running.PSA].url}/v1/integrations"
    body = {"provider": "autotask", "name": "bench", "base_url": run.simulator, "credentials": _CREDENTIALS}
    made = (await http.post(at, json=body)).raise_for_status().json()
    accounts = f"{at}/{made['integration_id']}/accounts"
    async with asyncio.timeout(MIRRORED_S):
        while True:
            answer = await http.get(accounts, params={"limit": 1})
            if answer.is_success and answer.json()["mirrored_at"] and not answer.json()["refreshing"]:
                return accounts
            await asyncio.sleep(0.5)


class AccountList:
    """One caller who waits for each answer."""

    def __init__(self, http: httpx.AsyncClient, at: str) -> None:
        self._http, self._at = http, at

    async def searches(self, looks: int, typed: Callable[[int], str]) -> list[float]:
        return [(await self._look({"search": typed(n)}))[0] for n in range(looks)]

    async def pages(self, limit: str, **params: str) -> list[float]:
        """One after the other, until there is no next one."""
        waits: list[float] = []
        params["limit"] = limit
        while True:
            waited, page = await self._look(params)
            waits.append(waited)
            if page["next"] is None:
                return waits
            params["after"] = page["next"]

    async def _look(self, params: dict[str, str]) -> tuple[float, dict[str, Any]]:
        began = time.perf_counter()
        answer = await self._http.get(self._at, params=params)
        waited = time.perf_counter() - began
        return waited, answer.raise_for_status().json()
