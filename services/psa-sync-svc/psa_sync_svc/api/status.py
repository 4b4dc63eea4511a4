"""How an integration is doing: what its PSA answered last, up to when changes there were seen, and its list's age."""

from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from psa_sync_svc.aggregates import MIRROR, WATCH, watch_id
from psa_sync_svc.api.account_shapes import ListTrouble
from psa_sync_svc.api.integrations import own
from psa_sync_svc.domain.integration import Integration, Status
from psa_sync_svc.domain.mirror import Mirror, Trouble
from psa_sync_svc.domain.watch import Watch
from shared.contracts.base import Shape
from shared.contracts.forms import SaidId, SaidTime
from shared.engine.engine import Engine
from shared.web.auth import Caller


class ShownPolling(Shape):
    """`watching` false: nobody is linked, or it may not be called. `polled_at`: when the last poll that went through
    began. `watermark`: the PSA's own time up to which all changes were seen; null: not under this connection.
    `pause_s`: the pace at present, between two polls. `next_at` null: at once, or never where `watching` is
    false. `tries`: polls in vain since `polled_at`, the last of them for the reason in `trouble`."""

    watching: bool
    polled_at: SaidTime | None
    watermark: SaidTime | None
    pause_s: float
    next_at: SaidTime | None
    tries: int
    trouble: ListTrouble | None


class ShownList(Shape):
    """`read_at`: when the last reading of the whole list began that went through, null: none did. `accounts`: how many
    it met. `refreshing`: another one is due, not before `next_at`, or under way."""

    read_at: SaidTime | None
    accounts: int
    refreshing: bool
    next_at: SaidTime | None
    tries: int
    trouble: ListTrouble | None


class ShownStatus(Shape):
    """`code` and `detail`: what was wrong when the PSA was called last, at `checked_at`."""

    integration_id: SaidId
    status: Status
    code: str | None
    detail: str | None
    checked_at: SaidTime | None
    polling: ShownPolling
    account_list: ShownList


class Statuses:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def one(self, caller: Caller, integration_id: str) -> Response:
        """Reads only, and calls no PSA: `POST …/test` does. Without an ETag, since it changes with every poll while
        the integration stays as it is."""
        integration = await own(self._engine, caller, integration_id)
        id, partner_id = integration.integration_id, integration.partner_id
        watch = await self._engine.read(WATCH, watch_id(partner_id, id)) or Watch(id, partner_id)
        mirror = await self._engine.read(MIRROR, id) or Mirror(id, partner_id)
        shown = ShownStatus(
            integration_id=id,
            status=integration.status,
            code=integration.code,
            detail=integration.detail,
            checked_at=integration.checked_at,
            polling=_polling(watch, integration),
            account_list=_list(mirror),
        )
        return JSONResponse(shown.model_dump(mode="json"))


def _polling(watch: Watch, integration: Integration) -> ShownPolling:
    return ShownPolling(
        watching=watch.watching,
        polled_at=watch.polled_at,
        watermark=watch.seen_until(integration.connection),
        pause_s=watch.pause_s,
        next_at=watch.due_at,
        tries=watch.tries,
        trouble=_told(watch.trouble),
    )


def _list(mirror: Mirror) -> ShownList:
    return ShownList(
        read_at=mirror.mirrored_at,
        accounts=mirror.accounts,
        refreshing=mirror.due,
        next_at=mirror.due_at if mirror.due else None,
        tries=mirror.tries,
        trouble=_told(mirror.trouble),
    )


def _told(trouble: Trouble | None) -> ListTrouble | None:
    return ListTrouble.model_validate(trouble) if trouble else None


_ONE: Final[dict[int | str, dict[str, Any]]] = {200: {"model": ShownStatus}}


def add(found: APIRouter, statuses: Statuses) -> None:
    at = "/integrations/{integration_id}/status"
    found.add_api_route(at, statuses.one, methods=["GET"], name="integration status", responses=_ONE)
