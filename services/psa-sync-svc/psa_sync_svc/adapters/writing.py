"""Changes are asked for once, one at a time for a tenant; where no clear answer comes, that is what is told."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

from psa_sync_svc.adapters.reply import Busy, Foreign, Reply
from psa_sync_svc.domain.fields import Field
from psa_sync_svc.workers.psa import FieldsRefused, Missing, NotAsked, Permanent, RateLimited, Transient, Unanswered

T = TypeVar("T")
_UNAVAILABLE: Final = 503


@asynccontextmanager
async def alone(turn: asyncio.Lock, psa: str, limit_s: float) -> AsyncIterator[None]:
    """Held for one change: records that are changed at the same moment lock each other there. Raises `NotAsked`, and
    nothing was sent, where others take too long."""
    try:
        async with asyncio.timeout(limit_s):
            await turn.acquire()
    except TimeoutError as error:
        raise NotAsked(f"{psa} is still busy with other changes of ours") from error
    try:
        yield
    finally:
        turn.release()


def outcome(reply: Reply, understood: Callable[[Reply], T], psa: str) -> T:
    """What `understood` reads out of the answer to a change. Its error stands where it says that nothing was changed,
    and is `Unanswered` where it says nothing of that: a gateway's time-out, an error page, half an answer."""
    try:
        return understood(reply)
    except (RateLimited, Busy):
        raise
    except Transient as error:
        if reply.status == _UNAVAILABLE:
            raise
        raise unclear(psa, f"HTTP {reply.status}") from error
    except Foreign as error:
        raise unclear(psa, f"HTTP {reply.status}") from error


def unclear(psa: str, why: str) -> Unanswered:
    return Unanswered(f"{psa} gave no clear answer to a change ({why}), so it may have been made")


def no_account(psa: str, account_id: str) -> Missing:
    return Missing(f"{psa} has no account {account_id}, or these credentials may not see it")


def no_country(psa: str, country: str) -> FieldsRefused:
    """Found out before anything is sent."""
    return FieldsRefused({Field.COMPANY_ADDRESS: f"{psa} has no country {country}: add it there, or change it here"})


def json_of(body: Any) -> bytes:
    """In UTF-8, which every PSA takes. Raises `Permanent` for half a character, which no JSON can carry."""
    try:
        return json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise Permanent("a text holds half a character, which cannot be sent: write it anew") from error
