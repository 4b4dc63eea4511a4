"""How Autotask is called. What public sources do not confirm is a setting here, with the safe choice as its default."""

from typing import Final

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from psa_sync_svc.adapters.call_settings import CallSettings

PAGE_SIZE: Final = 500
"""The most that a page may have."""


class AutotaskSettings(CallSettings):
    """The vendor gives 10,000 requests an hour to a tenant, for all its integrations together, slows down from half of
    that on, and takes three requests at a time for an endpoint and integration code; its servers count one that has
    ended for a moment longer. These limits hold for one process; one for all of them comes with polling."""

    model_config = SettingsConfigDict(env_prefix="REBILLING_AUTOTASK__")

    address: str = Field("https://webservices2.autotask.net", description="where zones are asked for")
    zone_domain: str = Field("autotask.net", min_length=1, description="without a base_url, zones are hosts under this")
    zone_hosts: frozenset[str] = Field(
        frozenset(), description="hosts that the zone of a base_url may be on, beside its own, as a JSON list"
    )
    threads: int = Field(2, ge=1, le=3, description="requests at a time for one endpoint of one tenant")
    requests_per_hour: int = Field(4_800, ge=60, le=10_000, description="of one tenant")
    countries_s: float = Field(86_400.0, gt=0, description="how long the tenant's countries are believed")
    fields_s: float = Field(86_400.0, gt=0, description="how long what is told of a company's fields is believed")

    @field_validator("zone_hosts")
    @classmethod
    def _in_lower_case(cls, given: frozenset[str]) -> frozenset[str]:
        return frozenset(host.lower() for host in given)
