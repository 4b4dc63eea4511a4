"""The ways in which an API lets its clients down, each switched on and off while it runs."""

import asyncio
from contextlib import suppress
from typing import Final, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Fault(BaseModel):
    """Strikes for ever or the next `times`; every call, or those to one `endpoint` or of one `method`."""

    model_config = ConfigDict(extra="forbid")

    endpoint: str | None = None
    method: str | None = None
    times: int | None = Field(default=None, ge=0)

    def concerns(self, method: str, endpoint: str) -> bool:
        wanted = (self.endpoint or endpoint).lower(), (self.method or method).upper()
        return wanted == (endpoint.lower(), method.upper())


class Slow(Fault):
    """Waits before the call is looked at, or while it is worked on and counts as a thread; at most until the faults are
    switched again."""

    s: float = Field(ge=0, le=600)
    at: Literal["arrival", "work"] = "arrival"


class Status(Fault):
    """Refused with this status, and nothing done; `applied`: all done first, as behind a gateway that does not wait so
    long. `shape`: `errors`, in the application's own form with `text`; `message`,
    in that of the server around it; `html`, or `empty`."""

    code: int = Field(ge=300, le=599)
    text: str = "An unexpected error has occurred."
    shape: Literal["errors", "message", "html", "empty"] = "errors"
    retry_after: str | None = None
    location: str | None = None
    applied: bool = False


class Broken(Fault):
    """The call is done, and its answer spoilt. `html`: a page with 200; `truncated`: half of the JSON;
    `other_shape`: JSON of something else; `other_link`: the next page is at `link`."""

    kind: Literal["html", "truncated", "other_shape", "other_link"]
    link: str | None = None

    @model_validator(mode="after")
    def _has_its_link(self) -> Self:
        if (self.kind == "other_link") != (self.link is not None):
            raise ValueError("other_link needs a link, and nothing else has one")
        return self


class Reset(Fault):
    """The connection is cut without an answer: `before` anything is done, or `after_commit`, when all is done."""

    when: Literal["before", "after_commit"] = "after_commit"


class Locked(Fault):
    """A change finds its record locked by another one, and is not made. Calls that read are none of its concern."""


class Faults(BaseModel):
    """All faults that are on; an API with ones of its own adds them."""

    model_config = ConfigDict(extra="forbid")

    slow: Slow | None = None
    status: Status | None = None
    broken: Broken | None = None
    reset: Reset | None = None
    locked: Locked | None = None


F = TypeVar("F", bound=Faults)
LOCKED: Final = (
    "Transaction (Process ID 61) was deadlocked on lock resources with another process and has been chosen as the "
    "deadlock victim. Rerun the transaction."
)
"""As the database says it that both vendors use; how they pass it on is in no source."""


class FaultDesk(Generic[F]):
    """The faults that are on now, and how often each still strikes. `kind`: all that this API can have."""

    def __init__(self, kind: type[F]) -> None:
        self.kind = kind
        self._switched = asyncio.Event()
        self.set(kind())

    def set(self, faults: F) -> None:
        self._switched.set()
        self._switched = asyncio.Event()
        self.faults = faults
        self._left = {id(fault): fault.times for _, fault in faults if isinstance(fault, Fault)}

    async def slow_down(self, at: str, method: str, endpoint: str) -> None:
        fault = self.faults.slow
        if fault and fault.at == at and self.strikes(fault, method, endpoint):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._switched.wait(), fault.s)

    def status(self, method: str, endpoint: str, *, applied: bool = False) -> Status | None:
        """`applied`: asked when all is done."""
        fault = self.faults.status
        return fault if fault and fault.applied is applied and self.strikes(fault, method, endpoint) else None

    def locks(self, method: str, endpoint: str) -> bool:
        """For calls that change something."""
        fault = self.faults.locked
        return bool(fault and self.strikes(fault, method, endpoint))

    def broken(self, method: str, endpoint: str) -> Broken | None:
        fault = self.faults.broken
        return fault if fault and self.strikes(fault, method, endpoint) else None

    def resets(self, when: str, method: str, endpoint: str) -> bool:
        fault = self.faults.reset
        return bool(fault and fault.when == when and self.strikes(fault, method, endpoint))

    def strikes(self, fault: Fault, method: str, endpoint: str) -> bool:
        left = self._left[id(fault)]
        if not fault.concerns(method, endpoint) or left == 0:
            return False
        self._left[id(fault)] = None if left is None else left - 1
        return True
