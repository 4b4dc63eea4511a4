"""Calls of a PSA: within a time limit, counted, and whatever goes wrong told as what is to be done about it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, TypeVar

import structlog

from psa_sync_svc.domain.importing import Code
from psa_sync_svc.domain.integration import Checked, Integration, Status
from psa_sync_svc.workers import time_limits
from psa_sync_svc.workers.circuits import Circuits
from psa_sync_svc.workers.psa import (
    AuthFailed,
    Away,
    Connection,
    NotAsked,
    Psa,
    PsaError,
    Psas,
    Purpose,
    RateLimited,
    Transient,
    Unanswered,
)
from psa_sync_svc.workers.vault import CannotUnseal, Owner, UnknownKey, Vault
from shared.telemetry import metrics
from shared.values.moments import stamp

T = TypeVar("T")
STOPPED: Final = (
    "the PSA refused the integration's credentials, so it is not called until they are changed or tested again"
)
_log = structlog.get_logger(__name__)


class InTrouble(Exception):  # noqa: N818 - read as what happened
    """A call came to nothing. `passing`: it may work later, not before `retry_after_s` where that is known. `paused`:
    it was not made, since the PSA has not answered for a while."""

    def __init__(
        self, code: Code, detail: str, *, passing: bool = False, retry_after_s: float = 0.0, paused: bool = False
    ) -> None:
        super().__init__(detail)
        self.code, self.detail, self.passing, self.retry_after_s = code, detail, passing, retry_after_s
        self.paused = paused

    @property
    def status(self) -> Status:
        """What it says of the connection."""
        return Status.AUTH_FAILED if self.code is Code.AUTH_FAILED else Status.UNREACHABLE


class Asking:
    """Opens integrations and calls them. `limit_s` bounds a call of which nothing else is said. `circuits`: where it is
    counted who does not answer."""

    def __init__(self, psas: Psas, vault: Vault, circuits: Circuits, *, limit_s: float) -> None:
        self._psas, self.vault, self._circuits, self.limit_s = psas, vault, circuits, limit_s

    async def ask(
        self,
        integration: Integration,
        what: str,
        call: Callable[[Psa], Awaitable[T]],
        *,
        purpose: Purpose = Purpose.BACKGROUND,
        limit_s: float | None = None,
    ) -> T:
        """One call under a client of its own. Raises `InTrouble`."""
        async with self.open(integration, purpose) as psa:
            return await self.within(integration, what, call(psa), limit_s=limit_s)

    @asynccontextmanager
    async def open(self, integration: Integration, purpose: Purpose = Purpose.BACKGROUND) -> AsyncIterator[Psa]:
        """The PSA for several calls, each to be made `within` its limit. Raises `InTrouble`."""
        if purpose is Purpose.BACKGROUND and (wait_s := await self._circuits.admit(integration)):
            raise InTrouble(Code.UNAVAILABLE, _PAUSED, passing=True, retry_after_s=wait_s, paused=True)
        try:
            psa = self._client(integration, purpose)
        except (PsaError, CannotUnseal) as error:
            raise _trouble(error, self.limit_s) from None
        try:
            yield psa
        finally:
            await psa.aclose()

    async def within(
        self, integration: Integration, what: str, call: Awaitable[T], *, limit_s: float | None = None
    ) -> T:
        """The call's answer; what it was for and what came of it is counted. Raises `InTrouble`."""
        limit_s, outcome, made = limit_s or self.limit_s, "ok", time_limits.Call()
        try:
            async with time_limits.within(limit_s) as made:
                answer = await call
        except Exception as error:  # noqa: BLE001 - a client's own failure is trouble like any other, and is logged
            trouble = _trouble(error, limit_s)
            outcome = trouble.code.value.lower()
            _log.info("call failed", integration_id=integration.integration_id, step=what, code=trouble.code.value)
            await self._count(integration, error, trouble, heard=made.heard)
            raise trouble from None
        finally:
            metrics.psa_calls(integration.provider.value, what, outcome).inc()
        if made.heard:
            await self._circuits.answered(integration, works(integration))
        return answer

    async def resume(self, integration: Integration) -> None:
        """A person changed or tested it: what waited for it is due now."""
        await self._circuits.resume(integration)

    async def _count(self, integration: Integration, error: Exception, trouble: InTrouble, *, heard: bool) -> None:
        """What was held up or found out on our side, and what a limit or the credentials are about, says nothing of
        this."""
        match error:
            case Away() | Unanswered() | TimeoutError():
                await self._circuits.failed(integration, fails(integration, trouble))
            case AuthFailed() | RateLimited() | NotAsked():
                pass
            case PsaError() if heard:
                await self._circuits.answered(integration)

    async def check_address(
        self, integration: Integration, credentials: Mapping[str, str], base_url: str | None
    ) -> None:
        """Raises `Permanent` for an address that may not be called; nothing is called."""
        connection = _connection(replace(integration, base_url=base_url), credentials, Purpose.TEST)
        await self._psas.open(integration.provider.value, connection).aclose()

    def _client(self, integration: Integration, purpose: Purpose) -> Psa:
        if integration.credentials is None:
            raise CannotUnseal
        owner = Owner(integration.partner_id, integration.integration_id)
        credentials = self.vault.unseal(owner, integration.credentials)
        return self._psas.open(integration.provider.value, _connection(integration, credentials, purpose))


def works(integration: Integration) -> Checked:
    return Checked(Status.CONNECTED, integration.connection, now())


def fails(integration: Integration, trouble: InTrouble) -> Checked:
    return Checked(trouble.status, integration.connection, now(), trouble.code.value, trouble.detail)


def now() -> str:
    return stamp(datetime.now(UTC))


def _connection(integration: Integration, credentials: Mapping[str, str], purpose: Purpose) -> Connection:
    return Connection(
        integration.integration_id,
        integration.partner_id,
        integration.base_url,
        credentials,
        integration.connection,
        purpose,
    )


def _trouble(error: Exception, limit_s: float) -> InTrouble:
    match error:
        case AuthFailed():
            found = InTrouble(Code.AUTH_FAILED, error.detail)
        case RateLimited():
            found = InTrouble(Code.RATE_LIMITED, error.detail, passing=True, retry_after_s=error.retry_after_s)
        case Transient():
            found = InTrouble(Code.UNAVAILABLE, error.detail, passing=True)
        case PsaError():
            found = InTrouble(Code.INVALID, error.detail)
        case TimeoutError():
            found = InTrouble(Code.UNAVAILABLE, f"the PSA did not answer within {limit_s:g} s", passing=True)
        case UnknownKey():
            found = InTrouble(Code.UNAVAILABLE, _NO_KEY, passing=True)
        case CannotUnseal():
            found = InTrouble(Code.INVALID, _NO_KEY)
        case _:
            _log.error("a PSA's client failed", exc_info=error)
            found = InTrouble(Code.UNAVAILABLE, "the PSA's answer could not be understood", passing=True)
    return found


_PAUSED: Final = "the PSA does not answer; it is asked again in a while, and at once when the integration is tested"
_NO_KEY: Final = "the integration's credentials cannot be read with the keys that are set; give them again"
