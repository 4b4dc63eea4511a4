"""The ways in which an API lets its clients down, each switched on and off while it runs."""

import asyncio
from contextlib import suppress
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Fault(BaseModel):
    """Strikes for ever or the next `times`; every call or those to one `endpoint` (`Companies`, `zoneInformation`, …)
    or of one `method`."""

    model_config = ConfigDict(extra="forbid")

    endpoint: str | None = None
    method: str | None = None
    times: int | None = Field(default=None, ge=0)

    def concerns(self, method: str, endpoint: str) -> bool:
        wanted = (self.endpoint or endpoint).lower(), (self.method or method).upper()
        return wanted == (endpoint.lower(), method.upper())


class Slow(_Fault):
    """Waits before the call is looked at, or while it is worked on and counts as a thread; at most until the faults are
    switched again."""

    s: float = Field(ge=0, le=600)
    at: Literal["arrival", "work"] = "arrival"


class Status(_Fault):
    """Refused with this status, nothing done. `shape`: `errors` with `text`, `message` likewise, `html`, or `empty`."""

    code: int = Field(ge=300, le=599)
    text: str = "An unexpected error has occurred.  If the problem persists, please contact Autotask Support"
    shape: Literal["errors", "message", "html", "empty"] = "errors"
    retry_after: str | None = None
    location: str | None = None


class Broken(_Fault):
    """The call is done, and its answer spoilt. `html`: a page with 200; `truncated`: half of the JSON;
    `other_shape`: JSON of something else; `other_link`: the next page is at `link`."""

    kind: Literal["html", "truncated", "other_shape", "other_link"]
    link: str | None = None

    @model_validator(mode="after")
    def _has_its_link(self) -> Self:
        if (self.kind == "other_link") != (self.link is not None):
            raise ValueError("other_link needs a link, and nothing else has one")
        return self


class Reset(_Fault):
    """The connection is cut without an answer: `before` anything is done, or `after_commit`, when all is done."""

    when: Literal["before", "after_commit"] = "after_commit"


class WrongZone(_Fault):
    """The zone call names this address."""

    url: str


class Faults(BaseModel):
    """All faults that are on."""

    model_config = ConfigDict(extra="forbid")

    slow: Slow | None = None
    status: Status | None = None
    broken: Broken | None = None
    reset: Reset | None = None
    zone: WrongZone | None = None


class FaultDesk:
    """The faults that are on now, and how often each still strikes."""

    def __init__(self) -> None:
        self._switched = asyncio.Event()
        self.set(Faults())

    def set(self, faults: Faults) -> None:
        self._switched.set()
        self._switched = asyncio.Event()
        self.faults = faults
        on = (faults.slow, faults.status, faults.broken, faults.reset, faults.zone)
        self._left = {id(fault): fault.times for fault in on if fault is not None}

    async def slow_down(self, at: str, method: str, endpoint: str) -> None:
        fault = self.faults.slow
        if fault and fault.at == at and self._strikes(fault, method, endpoint):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._switched.wait(), fault.s)

    def status(self, method: str, endpoint: str) -> Status | None:
        fault = self.faults.status
        return fault if fault and self._strikes(fault, method, endpoint) else None

    def broken(self, method: str, endpoint: str) -> Broken | None:
        fault = self.faults.broken
        return fault if fault and self._strikes(fault, method, endpoint) else None

    def resets(self, when: str, method: str, endpoint: str) -> bool:
        fault = self.faults.reset
        return bool(fault and fault.when == when and self._strikes(fault, method, endpoint))

    def zone_url(self, method: str, endpoint: str) -> str | None:
        fault = self.faults.zone
        return fault.url if fault and self._strikes(fault, method, endpoint) else None

    def _strikes(self, fault: _Fault, method: str, endpoint: str) -> bool:
        left = self._left[id(fault)]
        if not fault.concerns(method, endpoint) or left == 0:
            return False
        self._left[id(fault)] = None if left is None else left - 1
        return True
