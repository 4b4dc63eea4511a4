"""How ConnectWise is called. What public sources do not confirm is a setting, with the safe choice as its default."""

from typing import Annotated, Final, Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from psa_sync_svc.adapters.call_settings import CallSettings
from psa_sync_svc.domain.allowance import Terms, Window

PAGE_SIZE: Final = 1000
"""The most that a page may have."""


class ConnectwiseSettings(CallSettings):
    """The vendor publishes no quota: few requests at a time, and its 429 is kept to by all instances."""

    model_config = SettingsConfigDict(env_prefix="REBILLING_CONNECTWISE__")

    address: str = Field(
        "https://api-na.myconnectwise.net", description="without a base_url; other regions and own servers need one"
    )
    domain: str = Field("myconnectwise.net", min_length=1, description="the vendor's cloud, its sites are under this")
    version: str = Field("2025.16", pattern=r"^\d{4}\.\d{1,2}$", description="the API's, asked for by name")
    codebase: str = Field(
        "v4_6_release", pattern=r"^[A-Za-z0-9_]+$", description="where the server names none, as some of one's own do"
    )
    reference_field: Literal[
        "accountNumber",
        "vendorIdentifier",
        "userDefinedField1",
        "userDefinedField2",
        "userDefinedField3",
        "userDefinedField4",
        "userDefinedField5",
        "userDefinedField6",
        "userDefinedField7",
        "userDefinedField8",
        "userDefinedField9",
        "userDefinedField10",
    ] = Field("accountNumber", description="which of a company's fields is the integration reference")
    times_without_zone: bool = Field(
        False, description="are times in conditions written without Z, as some servers need them (unconfirmed: which)"
    )
    phone_prefix: Literal["+", "00", "011"] = Field(
        "+", description="what numbers are written with before the country, where a server takes no + (unconfirmed)"
    )
    at_once: int = Field(3, ge=1, le=20, description="requests at a time of one tenant (no limit is published)")
    requests_per_minute: int | None = Field(
        None, ge=1, description="of one tenant, none: until it answers with 429 (no limit is published)"
    )
    background_share: float = Field(0.8, gt=0, le=1, description="of those, when calls that nobody waits for stop")
    longest: dict[str, Annotated[int, Field(gt=0)]] = Field(
        {},
        description='what is longer or shorter on this server than the vendor says, as JSON such as {"reference": 100}',
    )
    countries_s: float = Field(86_400.0, gt=0, description="how long the tenant's countries are believed")
    statuses_s: float = Field(3_600.0, gt=0, description="how long the company's statuses are believed")

    @property
    def terms(self) -> Terms:
        windows = (Window(self.requests_per_minute, 60.0),) if self.requests_per_minute else ()
        return Terms(windows=windows, threads=self.at_once, background=self.background_share, **self.patience)
