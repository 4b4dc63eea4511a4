"""A call again where that is safe, within its time limit."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import stamina

from psa_sync_svc.adapters.call_settings import CallSettings
from psa_sync_svc.workers.psa import Away, RateLimited
from psa_sync_svc.workers.time_limits import unanswered, within

T = TypeVar("T")
_LONGEST_BACKOFF_S: Final = 2.0


class Attempts:
    """For calls that read only: one that writes must not come this way."""

    def __init__(self, psa: str, settings: CallSettings) -> None:
        self._psa, self._settings = psa, settings

    async def at(self, once: Callable[[], Awaitable[T]]) -> T:
        limit_s = self._settings.call_limit_s
        caller = stamina.AsyncRetryingCaller(
            attempts=self._settings.attempts, timeout=limit_s, wait_max=_LONGEST_BACKOFF_S
        )
        try:
            async with within(limit_s):
                return await caller.on(self._again)(once)
        except TimeoutError as error:
            raise Away(f"{self._psa} did not answer in time") from error

    def _again(self, error: Exception) -> bool | float:
        """An error of the application's own is no reason: it is mostly a refusal."""
        if isinstance(error, RateLimited):
            return error.retry_after_s if error.retry_after_s <= self._settings.longest_wait_s else False
        if isinstance(error, Away):
            unanswered()
            return True
        return False
