"""A PSA in memory, and the server that has ConnectWise's keys: both answer as a test tells them to."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

import httpx

from psa_sync_svc.adapters.base_url import Ip
from psa_sync_svc.domain.account import PsaAccount
from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.domain.holding import FieldLimits
from psa_sync_svc.domain.provider import Provider
from psa_sync_svc.workers.psa import AuthFailed, Connection, Missing, Permanent
from psa_sync_svc.workers.time_limits import asking

SECRETS = {"username": "api@harbour.example", "secret": "s3cret-of-the-psa", "integration_code": "CODE-4711"}


@dataclass
class FakePsa:
    """`errors` are raised by the next calls, one each, None lets one pass; `hold` keeps calls waiting; `hidden`:
    in no list; `endless`: empty pages follow for ever; `asked_since`: of each list that was asked for, None: whole."""

    accounts_there: dict[str, PsaAccount] = field(default_factory=dict)
    errors: list[Exception | None] = field(default_factory=list)
    holds: FieldLimits = field(default_factory=FieldLimits)
    page: int = 2
    hold: asyncio.Event | None = None
    calls: list[str] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    endless: bool = False
    asked_since: list[str | None] = field(default_factory=list)
    opened: list[Connection] = field(default_factory=list)
    open_now: int = 0

    def open(self, provider: str, connection: Connection) -> "Client":
        assert provider in set(Provider)
        if connection.base_url is not None and "evil" in connection.base_url:
            raise Permanent("this address may not be called")
        self.opened.append(connection)
        self.open_now += 1
        return Client(self, connection)


@dataclass
class Client:
    psa: FakePsa
    connection: Connection

    async def _called(self, what: str) -> None:
        self.psa.calls.append(what)
        with asking():
            if self.psa.hold is not None:
                await self.psa.hold.wait()
        error = self.psa.errors.pop(0) if self.psa.errors else None
        if error is not None:
            raise error
        if not SECRETS.items() <= dict(self.connection.credentials).items():
            raise AuthFailed("the PSA does not take these credentials")

    async def check(self) -> None:
        await self._called("check")

    async def account(self, account_id: str) -> PsaAccount | None:
        await self._called(f"account {account_id}")
        return self.psa.accounts_there.get(account_id)

    async def accounts(self, *, modified_since: str | None = None) -> AsyncIterator[Sequence[PsaAccount]]:
        self.psa.asked_since.append(modified_since)
        listed = [each for id, each in sorted(self.psa.accounts_there.items()) if id not in self.psa.hidden]
        there = [each for each in listed if _changed_since(each, modified_since)]
        for at in range(0, max(len(there), 1), self.psa.page):
            await self._called("page" if modified_since is None else "poll")
            yield there[at : at + self.psa.page]
        while self.psa.endless:
            await self._called("page")
            yield []

    async def search(self, text: str, limit: int) -> Sequence[PsaAccount]:
        await self._called(f"search {text}")
        return [each for each in self.psa.accounts_there.values() if text in each.company_name][:limit]

    async def limits(self) -> FieldLimits:
        return self.psa.holds

    async def update(self, account_id: str, values: Mapping[Field, FieldValue]) -> None:
        await self._called(f"update {account_id}")
        known = self.psa.accounts_there.get(account_id)
        if known is None:
            raise Missing(f"there is no account {account_id}")
        changes: dict[str, Any] = {str(name): value for name, value in values.items()}
        self.psa.accounts_there[account_id] = replace(known, **changes)

    async def aclose(self) -> None:
        self.psa.open_now -= 1


def _changed_since(account: PsaAccount, moment: str | None) -> bool:
    """Two minutes of overlap, as the clients have it."""
    if moment is None or account.modified_at is None:
        return moment is None
    since = datetime.fromisoformat(moment) - timedelta(minutes=2)
    return datetime.fromisoformat(account.modified_at) >= since


@dataclass
class KeyServer:
    """Where ConnectWise has its signing keys, by address; `asked` tells which were fetched, and with which headers."""

    answers: dict[str, httpx.Response] = field(default_factory=dict)
    asked: list[httpx.Request] = field(default_factory=list)

    def transport(self) -> httpx.AsyncBaseTransport:
        return httpx.MockTransport(self._answer)

    async def resolve(self, _host: str, _port: int) -> Sequence[Ip]:
        return [ip_address("1.1.1.1")]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        url = str(request.url.copy_with(host=request.headers["host"]))
        found = self.answers.get(url, httpx.Response(404, json={}))
        return httpx.Response(found.status_code, headers=found.headers, content=found.content)
