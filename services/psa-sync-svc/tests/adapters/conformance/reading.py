"""What the tests of reading ask of a client, and the accounts that they make there."""

from typing import Any

from psa_sync_svc.domain.account import PsaAccount
from psa_sync_svc.workers.psa import Psa

Open = Any
Provider = Any
Simulator = Any


async def all_of(psa: Psa, **given: Any) -> list[PsaAccount]:
    return [account async for page in psa.accounts(**given) for account in page]


async def one(psa: Psa, account_id: str) -> PsaAccount:
    found = await psa.account(account_id)
    assert found is not None
    return found


def new(simulator: Simulator, provider: Provider, **ours: Any) -> str:
    made = simulator.asks("POST", "/companies", {**provider.new, **provider.fields(**ours)})
    return str(made["id"])
