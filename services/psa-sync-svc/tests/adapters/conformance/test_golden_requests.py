"""The requests of every provider, one file each: what goes to a vendor is seen in review whenever it changes."""

import json
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import httpx

from psa_sync_svc.adapters.base_url import AddressSettings
from psa_sync_svc.adapters.psas import ProviderPsas
from psa_sync_svc.domain.account import Address
from psa_sync_svc.domain.fields import Field
from psa_sync_svc.workers.psa import Connection, Psa

from .recording import Recording

Provider = Any
Simulator = Any
Operation = Callable[[Psa, str], Awaitable[Any]]
_FILES: Final = Path(__file__).parent / "golden"
_RENEW: Final = "RENEW_GOLDEN"
_ADDRESS: Final = Address("ul. Lipowa 11", None, "Łódź", "łódzkie", "90-418", "PL")


async def _first_page(psa: Psa, _: str) -> None:
    await anext(aiter(psa.accounts(modified_since="2026-11-24T10:00:00Z")))


OPERATIONS: Final[Mapping[str, Operation]] = {
    "check": lambda psa, _: psa.check(),
    "account": lambda psa, id: psa.account(id),
    "accounts, changed since": _first_page,
    "search": lambda psa, _: psa.search('O\'Brien "Pub"', 20),
    "limits": lambda psa, _: psa.limits(),
    "update, name": lambda psa, id: psa.update(id, {Field.COMPANY_NAME: "Ø & 🥐"}),
    "update, phone": lambda psa, id: psa.update(id, {Field.CONTACT_NUMBER: "+48422000002"}),
    "update, address": lambda psa, id: psa.update(id, {Field.COMPANY_ADDRESS: _ADDRESS}),
    "update, emptied": lambda psa, id: psa.update(id, {Field.COMPANY_ADDRESS: None, Field.REFERENCE: ""}),
}
"""Each by a client that knows nothing yet, so that what it has to ask for first is there too."""


async def test_what_is_sent_is_what_was_reviewed(provider: Provider, simulator: Simulator, account_id: str) -> None:
    row = simulator.asks("GET", f"/companies/{account_id}")
    names = {value: f"<{name}>" for name, value in provider.credentials.items()} | {account_id: "<account>"}
    names |= {str(row[name]): f"<{name}>" for name in provider.more_ids}
    sent = {
        name: await _sent(provider, simulator, operation, names, account_id) for name, operation in OPERATIONS.items()
    }

    file = _FILES / f"{provider.name}.json"
    if _RENEW in os.environ:
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(sent, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert file.exists(), f"there is no {file.name} yet: run this test with {_RENEW}=1, and look at what it wrote"
    expected = json.loads(file.read_text(encoding="utf-8"))
    assert sent == expected, f"if this is meant, run this test with {_RENEW}=1, and look at the difference"


def test_no_golden_file_holds_a_secret(provider: Provider) -> None:
    text = (_FILES / f"{provider.name}.json").read_text(encoding="utf-8")

    for name in provider.secrets:
        assert provider.credentials[name] not in text


async def _sent(
    provider: Provider, simulator: Simulator, operation: Operation, names: Mapping[str, str], account_id: str
) -> list[dict[str, Any]]:
    requests: list[dict[str, Any]] = []
    psas = ProviderPsas(
        AddressSettings(allow_private_addresses=True),
        {provider.name: provider.clients({})},
        connect=lambda: Recording(httpx.AsyncHTTPTransport(), requests, names),
    )
    psa = psas.open(provider.name, Connection("i-1", "p-1", simulator.url, provider.credentials))
    try:
        await operation(psa, account_id)
    finally:
        await psa.aclose()
    return requests
