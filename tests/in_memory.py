"""A service without a process, a broker or a store of its own: what the tests of all three make theirs of."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request

from shared.contracts.base import Message
from shared.engine.change import Meta
from shared.engine.ports import Record
from shared.kafka.subscription import Subscription
from shared.settings import AuthSettings
from shared.web.app import create_app
from shared.web.auth import Authenticator, Principal, principal


@dataclass
class Topics:
    """A broker that confirms at once."""

    records: list[Record] = field(default_factory=list)

    async def send(self, record: Record) -> Awaitable[None]:
        self.records.append(record)
        confirmed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        confirmed.set_result(None)
        return confirmed


def answer_of(subscription: Subscription, message: Message, meta: Meta) -> Callable[[Any], Any] | None:
    """What says that this message is refused, where its topic is one that refusals are answered on."""
    answer = subscription.answer
    return None if answer is None else lambda refused: answer(message, meta, refused)


def an_app(service: str, router: APIRouter, home: Path, *, partner: str) -> FastAPI:
    """The routes over the service in memory; who asks is told by a header instead of a token, or else is `partner`."""
    settings = AuthSettings(issuer="i", audience="a", jwks_file=home / "none.json")
    found = create_app(service, "0", service=service, authenticator=Authenticator(settings), routers=[router])

    async def told(request: Request) -> Principal:
        return Principal(request.headers.get("x-partner", partner), "ann")

    found.dependency_overrides[principal] = told
    return found
