"""The accounts of an integration: a list for a drop-down, from our copy, and one account fresh from the PSA."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Query, Request
from pydantic import TypeAdapter, ValidationError
from starlette.responses import JSONResponse, Response

from psa_sync_svc.aggregates import ACCOUNTS, MIRROR
from psa_sync_svc.api.account_shapes import AccountPage, ListTrouble
from psa_sync_svc.api.integrations import own
from psa_sync_svc.api.trouble import told
from psa_sync_svc.domain.account import as_text
from psa_sync_svc.domain.importing import Code, no_account
from psa_sync_svc.domain.integration import Integration
from psa_sync_svc.domain.mirror import Mirror
from psa_sync_svc.handlers.change_integration import noticing
from psa_sync_svc.handlers.mirroring import wanting
from psa_sync_svc.messages import shown_account
from psa_sync_svc.settings import PsaSettings
from psa_sync_svc.workers.asking import Asking, InTrouble, fails, works
from psa_sync_svc.workers.envelope import work_meta
from psa_sync_svc.workers.psa import Psa, Purpose
from shared.contracts.forms import PRINTABLE, AccountId
from shared.contracts.psa import PsaAccount
from shared.engine.engine import Engine
from shared.engine.ports import Doc
from shared.values.folding import folded
from shared.web.auth import Caller
from shared.web.paging import Paging, Wanted

T = TypeVar("T")
_LOOK_S: Final = 0.2
_LEAVE_ALONE: Final = timedelta(seconds=30)
"""After trouble a list is not wanted again at once, however often somebody looks."""
_ACCOUNT_ID: Final[TypeAdapter[str]] = TypeAdapter(AccountId)

Search = Annotated[
    str | None,
    Query(
        max_length=200,
        pattern=PRINTABLE,
        description="a part of the name, the reference or the id, whatever case and accents",
    ),
]


class AccountLists:
    """Reads; that an old list is read anew is left to the worker."""

    def __init__(self, engine: Engine, asking: Asking, settings: PsaSettings) -> None:
        self._engine, self._asking = engine, asking
        self._limit_s, self._fresh = settings.interactive_limit_s, timedelta(seconds=settings.list_fresh_s)

    async def all(
        self, request: Request, caller: Caller, integration_id: str, wanted: Wanted, search: Search = None
    ) -> Response:
        """By name, those that the PSA no longer has left out. The first time the list is waited for a while, or the PSA
        itself is searched."""
        integration = await own(self._engine, caller, integration_id)
        text = (search or "").strip()
        mirror = await self.mirror(integration, wait=not text)
        if text and wanted.after is None and _is_searched_there(mirror, integration):
            return await self._searched(request, integration, text, wanted.limit)
        found = await self._find(integration, wanted, search)
        if mirror.mirrored_at is None and not found and wanted.after is None:
            return told(request, never_read(mirror, integration))
        page = wanted.page(found, _shown, lambda doc: (doc["order"],))
        shown = AccountPage(
            items=page.items,
            next=page.next,
            mirrored_at=mirror.mirrored_at,
            refreshing=mirror.due,
            trouble=ListTrouble.model_validate(mirror.trouble) if mirror.trouble else None,
        )
        return JSONResponse(shown.model_dump(mode="json"))

    async def _searched(self, request: Request, integration: Integration, text: str, limit: int) -> Response:
        try:
            found = await self._noted(integration, "search", lambda psa: psa.search(text, limit))
        except InTrouble as trouble:
            return told(request, trouble)
        accounts = sorted((shown_account(as_text(each)) for each in found), key=lambda each: folded(each.company_name))
        shown = AccountPage(items=accounts, next=None, mirrored_at=None, refreshing=True, trouble=None)
        return JSONResponse(shown.model_dump(mode="json"))

    async def one(self, request: Request, caller: Caller, integration_id: str, account_id: str) -> Response:
        """As the PSA has it now."""
        integration = await own(self._engine, caller, integration_id)
        try:
            account = await self._ask(integration, account_id)
        except InTrouble as trouble:
            return told(request, trouble)
        return JSONResponse(account.model_dump(mode="json"))

    async def _ask(self, integration: Integration, account_id: str) -> PsaAccount:
        if not integration.callable_by_ourselves:
            raise _stopped(integration)
        if not _is_account_id(account_id):
            raise InTrouble(Code.NOT_FOUND, "there is no such account")
        found = await self._noted(integration, "account", lambda psa: psa.account(account_id))
        if found is None:
            refusal = no_account(account_id)
            raise InTrouble(refusal.code, refusal.detail)
        return shown_account(as_text(found))

    async def _noted(self, integration: Integration, what: str, call: Callable[[Psa], Awaitable[T]]) -> T:
        """The call's answer for a person who waits. What it says of the credentials is noted. Raises `InTrouble`."""
        try:
            found = await self._asking.ask(integration, what, call, purpose=Purpose.INTERACTIVE, limit_s=self._limit_s)
        except InTrouble as trouble:
            if trouble.code is Code.AUTH_FAILED:
                await self._note(integration, trouble)
            raise
        await self._note(integration)
        return found

    async def _note(self, integration: Integration, trouble: InTrouble | None = None) -> None:
        checked = fails(integration, trouble) if trouble else works(integration)
        await self._engine.execute([noticing(integration, checked)], work_meta(integration.partner_id, "account"))

    async def mirror(self, integration: Integration, *, wait: bool) -> Mirror:
        """What is known of the list, a new reading wanted where it is old; `wait`: of a list never read, soon after."""
        known = await self._engine.read(MIRROR, integration.integration_id)
        mirror = known or Mirror(integration.integration_id, integration.partner_id)
        if self._is_old(mirror) and integration.callable_by_ourselves:
            outcome = await self._engine.execute([wanting(integration)], work_meta(integration.partner_id, "mirror"))
            mirror = outcome.state_of(MIRROR, integration.integration_id)
        until = monotonic() + (self._limit_s if wait else 0.0)
        while mirror.mirrored_at is None and mirror.due and mirror.trouble is None and monotonic() < until:
            await asyncio.sleep(_LOOK_S)
            mirror = await self._engine.read(MIRROR, integration.integration_id) or mirror
        return mirror

    def _is_old(self, mirror: Mirror) -> bool:
        now = datetime.now(UTC)
        if mirror.due or (mirror.trouble and now - datetime.fromisoformat(mirror.trouble.at) < _LEAVE_ALONE):
            return False
        return mirror.mirrored_at is None or now - datetime.fromisoformat(mirror.mirrored_at) > self._fresh

    async def _find(self, integration: Integration, wanted: Paging, search: str | None) -> list[Doc]:
        filter: dict[str, Any] = {
            "partner_id": integration.partner_id,
            "integration_id": integration.integration_id,
            "gone": False,
        }
        if text := (search or "").strip():
            filter["text"] = {"$regex": re.escape(folded(text))}
        if place := wanted.place():
            filter["order"] = {"$gt": place[0]}
        return await self._engine.store.find(ACCOUNTS, filter, sort=[("order", 1)], limit=wanted.ask)


def _is_searched_there(mirror: Mirror, integration: Integration) -> bool:
    """While the list is read for the first time, and nothing says that the PSA cannot be called."""
    return mirror.mirrored_at is None and mirror.trouble is None and integration.callable_by_ourselves


def _shown(doc: Doc) -> PsaAccount:
    return PsaAccount.model_validate(doc["account"])


def never_read(mirror: Mirror, integration: Integration) -> InTrouble:
    """An empty list would say that there are no accounts."""
    if not integration.callable_by_ourselves:
        return _stopped(integration)
    if mirror.trouble is not None:
        return InTrouble(Code(mirror.trouble.code), mirror.trouble.detail)
    return InTrouble(Code.UNAVAILABLE, "the accounts are being read for the first time; ask again in a moment")


def _stopped(integration: Integration) -> InTrouble:
    detail = integration.detail or "the PSA does not take the credentials"
    return InTrouble(Code.AUTH_FAILED, f"{detail}; change the credentials or test the integration")


def _is_account_id(text: str) -> bool:
    try:
        _ACCOUNT_ID.validate_python(text)
    except ValidationError:
        return False
    return True


_PAGE: Final[dict[int | str, dict[str, Any]]] = {200: {"model": AccountPage}}
_ONE: Final[dict[int | str, dict[str, Any]]] = {200: {"model": PsaAccount}}


def add(found: APIRouter, lists: AccountLists) -> None:
    at = "/integrations/{integration_id}/accounts"
    found.add_api_route(at, lists.all, methods=["GET"], name="list accounts", responses=_PAGE)
    found.add_api_route(f"{at}/{{account_id}}", lists.one, methods=["GET"], name="account", responses=_ONE)
