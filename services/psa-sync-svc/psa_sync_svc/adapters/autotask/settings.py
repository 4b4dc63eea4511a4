"""How Autotask is called. What public sources do not confirm is a setting here, with the safe choice as its default."""

from typing import Final

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from psa_sync_svc.adapters.call_settings import CallSettings
from psa_sync_svc.domain.allowance import Terms, Window

PAGE_SIZE: Final = 500
"""The most that a page may have."""


class AutotaskSettings(CallSettings):
    """The vendor gives 10,000 requests an hour to a tenant, for all its integrations together, answers half a second
    later from half of that on and a second later from three quarters on, and takes three requests at a time for an
    endpoint and integration code; its servers count one that has ended for a moment longer. These limits hold for all
    instances together."""

    model_config = SettingsConfigDict(env_prefix="REBILLING_AUTOTASK__")

    address: str = Field("https://webservices2.autotask.net", description="where zones are asked for")
    zone_domain: str = Field("autotask.net", min_length=1, description="without a base_url, zones are hosts under this")
    zone_hosts: frozenset[str] = Field(
        frozenset(), description="hosts that the zone of a base_url may be on, beside its own, as a JSON list"
    )
    threads: int = Field(2, ge=1, le=3, description="requests at a time for one endpoint of one tenant")
    requests_per_hour: int = Field(
        10_000, ge=1, le=1_000_000, description="of one tenant, all its integrations together; what it tells counts too"
    )
    background_share: float = Field(
        0.5, gt=0, le=1, description="of those, when calls that nobody waits for stop: beyond half answers get slower"
    )
    threshold_every_s: float = Field(
        300.0, ge=10, description="how often the tenant is asked how many requests all its integrations have made"
    )
    countries_s: float = Field(86_400.0, gt=0, description="how long the tenant's countries are believed")
    fields_s: float = Field(86_400.0, gt=0, description="how long what is told of a company's fields is believed")

    @property
    def terms(self) -> Terms:
        return Terms(
            windows=(Window(self.requests_per_hour, 3600.0),),
            threads=self.threads,
            background=self.background_share,
            reading_s=self.threshold_every_s,
            **self.patience,
        )

    @field_validator("zone_hosts")
    @classmethod
    def _in_lower_case(cls, given: frozenset[str]) -> frozenset[str]:
        return frozenset(host.lower() for host in given)
