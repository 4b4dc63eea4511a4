"""How HaloPSA is called. What public sources do not confirm is a setting, with the safe choice as its default."""

from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from psa_sync_svc.adapters.call_settings import CallSettings
from psa_sync_svc.domain.allowance import Terms, Window


class HalopsaSettings(CallSettings):
    """The vendor's cloud takes so many requests in five minutes from a tenant, whoever makes them: 300 was seen, and
    others are told of. There is no address of the vendor's own, so every integration has a `base_url`."""

    model_config = SettingsConfigDict(env_prefix="REBILLING_HALOPSA__")

    scope: str = Field(
        "read:customers edit:customers",
        pattern=r"^[a-z:_]+( [a-z:_]+)*$",
        description='what a token is asked for; "all" where an application cannot be given less',
    )
    auth_hosts: frozenset[str] = Field(
        frozenset(), description="hosts that may give tokens beside that of the base_url, as a JSON list"
    )
    reference_field: Literal["ref", "accountsid"] = Field(
        "ref", description="which of a client's fields is the integration reference"
    )
    city_line: Literal["line3", "line4"] = Field(
        "line3", description="which line of an address is the city; the other of the two is the region (unconfirmed)"
    )
    page_size: int = Field(100, ge=20, le=100, description="rows of a list that are asked for at once")
    requests_per_5_minutes: int = Field(
        300, ge=1, le=1_000_000, description="of one tenant, all its integrations together (300 was seen)"
    )
    background_share: float = Field(
        0.6, gt=0, le=1, description="of those, when calls that nobody waits for stop: others need some too"
    )
    at_once: int = Field(2, ge=1, le=20, description="requests at a time of one tenant (no limit is published)")
    longest: dict[str, Annotated[int, Field(gt=0)]] = Field(
        {}, description='what is longer or shorter on this server than is taken for safe, as JSON: {"reference": 50}'
    )

    @property
    def terms(self) -> Terms:
        windows = (Window(self.requests_per_5_minutes, 300.0),)
        return Terms(windows=windows, threads=self.at_once, background=self.background_share, **self.patience)

    @field_validator("auth_hosts")
    @classmethod
    def _in_lower_case(cls, given: frozenset[str]) -> frozenset[str]:
        return frozenset(host.lower() for host in given)
