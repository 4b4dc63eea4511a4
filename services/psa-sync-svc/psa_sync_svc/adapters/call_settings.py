"""How any PSA is called: the bounds of a request, of a call with all its attempts, and of an answer."""

from typing import TypedDict

from pydantic import Field

from shared.settings import Settings


class Patience(TypedDict):
    """What `Terms` take of these settings."""

    request_s: float
    clocks_s: float
    wait_s: float


class CallSettings(Settings):
    attempt_limit_s: float = Field(20.0, gt=0, le=120, description="how long one request may take")
    call_limit_s: float = Field(45.0, gt=0, le=300, description="how long a call may take with all its attempts")
    attempts: int = Field(3, ge=1, le=10, description="how often a request is made that can be made again")
    longest_wait_s: float = Field(5.0, ge=0, le=60, description="waits longer than this are left to the caller")
    retry_after_s: float = Field(60.0, gt=0, description="the wait after a limit for which the PSA names no time")
    overlap_s: float = Field(120.0, ge=0, description="what was changed is asked for from so much earlier on")
    clocks_s: float = Field(5.0, ge=0, le=60, description="how far the clocks of the instances may be apart")
    largest_answer: int = Field(16_000_000, ge=1_000_000, description="bytes; a larger answer is refused")

    @property
    def patience(self) -> Patience:
        return Patience(request_s=self.attempt_limit_s, clocks_s=self.clocks_s, wait_s=self.longest_wait_s)
