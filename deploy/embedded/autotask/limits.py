"""How much a client may do: three requests at a time for an endpoint and integration code, and so many an hour, with
answers that get slower long before the limit."""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from embedded.autotask.answers import refused

_THREADS: Final = "The Autotask API thread threshold of {} threads has been exceeded. (Itgenatr005)"
_HOURLY: Final = "The Autotask API request threshold of {} requests in 60 minutes has been exceeded."
_FRAME_S: Final = 3600.0


class LimitSettings(BaseModel):
    """`thread_status`: the vendor's is not known for sure, so clients have to look at the text as well. The status and
    the text at the end of the hour's requests are not known either. `slower`: +0.5 s from half the limit on, +1 s from
    three quarters on."""

    model_config = ConfigDict(extra="forbid")

    threads: int = Field(default=3, ge=1)
    thread_status: int = Field(default=429, ge=400, le=599)
    requests: int = Field(default=10_000, ge=1)
    hourly_status: int = Field(default=429, ge=400, le=599)
    slower: bool = True


class Limits:
    """Counted in memory: a restarted simulator has a new hour."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.settings = LimitSettings()
        self._now = now
        self._moments: deque[float] = deque()
        self._busy: Counter[tuple[str, str]] = Counter()

    def count(self) -> None:
        """One more request; the refused ones count too. Raises `ApiRefusal` above the hour's limit."""
        self._moments.append(self._now())
        if self._used() > self.settings.requests:
            raise refused(_HOURLY.format(self.settings.requests), status=self.settings.hourly_status)

    @contextmanager
    def thread(self, endpoint: str, code: str) -> Iterator[None]:
        """Held while a request is worked on. Raises `ApiRefusal` where too many are."""
        key = (endpoint, code)
        if self._busy[key] >= self.settings.threads:
            text = _THREADS.format(self.settings.threads)
            raise refused(text, status=self.settings.thread_status)
        self._busy[key] += 1
        try:
            yield
        finally:
            self._busy[key] -= 1

    def delay_s(self) -> float:
        if not self.settings.slower:
            return 0.0
        share = self._used() / self.settings.requests
        return 1.0 if share >= 0.75 else 0.5 if share >= 0.5 else 0.0

    def told(self) -> dict[str, Any]:
        """`ThresholdInformation`; the call that asks is among those counted."""
        return {
            "externalRequestThreshold": self.settings.requests,
            "requestThresholdTimeframe": int(_FRAME_S // 60),
            "currentTimeframeRequestCount": self._used(),
        }

    def _used(self) -> int:
        while self._moments and self._moments[0] <= self._now() - _FRAME_S:
            self._moments.popleft()
        return len(self._moments)
