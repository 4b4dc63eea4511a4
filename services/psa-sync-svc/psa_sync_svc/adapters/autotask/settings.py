"""How Autotask is called. What public sources do not confirm is a setting here, with the safe choice as its default."""

from typing import Final

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from shared.settings import Settings

PAGE_SIZE: Final = 500
"""The most that a page may have."""


class AutotaskSettings(Settings):
    """The vendor gives 10,000 requests an hour to a tenant, for all its integrations together, slows down from half of
    that on, and takes three requests at a time for an endpoint and integration code; its servers count one that has
    ended for a moment longer. These limits hold for one process; one for all of them comes with polling."""

    model_config = SettingsConfigDict(env_prefix="REBILLING_AUTOTASK__")

    address: str = Field("https://webservices2.autotask.net", description="where zones are asked for")
    zone_domain: str = Field("autotask.net", min_length=1, description="without a base_url, zones are hosts under this")
    zone_hosts: frozenset[str] = Field(
        frozenset(), description="hosts that the zone of a base_url may be on, beside its own, as a JSON list"
    )
    attempt_limit_s: float = Field(20.0, gt=0, le=120, description="how long one request may take")
    call_limit_s: float = Field(45.0, gt=0, le=300, description="how long a call may take with all its attempts")
    attempts: int = Field(3, ge=1, le=10, description="how often a request is made that can be made again")
    longest_wait_s: float = Field(5.0, ge=0, le=60, description="waits longer than this are left to the caller")
    threads: int = Field(2, ge=1, le=3, description="requests at a time for one endpoint of one tenant")
    requests_per_hour: int = Field(4_800, ge=60, le=10_000, description="of one tenant")
    retry_after_s: float = Field(
        60.0, gt=0, description="the wait after a limit for which Autotask names no time (unconfirmed: it names none)"
    )
    overlap_s: float = Field(120.0, ge=0, description="what was changed is asked for from so much earlier on")
    countries_s: float = Field(86_400.0, gt=0, description="how long the tenant's countries are believed")
    largest_answer: int = Field(16_000_000, ge=1_000_000, description="bytes; a larger answer is refused")

    @field_validator("zone_hosts")
    @classmethod
    def _in_lower_case(cls, given: frozenset[str]) -> frozenset[str]:
        return frozenset(host.lower() for host in given)
