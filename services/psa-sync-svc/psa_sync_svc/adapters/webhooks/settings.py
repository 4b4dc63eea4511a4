"""How webhooks are taken. What public sources do not confirm is a setting, with the safe choice as its default."""

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from shared.settings import Settings


class WebhookSettings(Settings):
    model_config = SettingsConfigDict(env_prefix="REBILLING_WEBHOOKS__")

    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$",
        description="where PSAs reach this service, shown to partners",
    )
    remembered_s: float = Field(
        172_800.0, ge=3_600, description="how long a delivery is known again; an older one is refused where it is dated"
    )
    key_s: float = Field(3_600.0, ge=1, description="how long a signing key of ConnectWise's is believed")
    key_limit_s: float = Field(5.0, gt=0, le=30, description="how long fetching one may take")
    key_fetches_a_minute: int = Field(12, ge=1, description="of one integration, whatever is sent to it")
    key_hosts: frozenset[str] = Field(
        frozenset(), description="hosts that may have signing keys beside an integration's own, as a JSON list"
    )
    callback_company: bool = Field(
        True, description="must a ConnectWise callback name the integration's company (unconfirmed: that all do)"
    )
    halo_header: str = Field(
        "x-webhook-secret",
        pattern=r"^[A-Za-z0-9-]+$",
        description="the header that may carry Halo's secret beside Authorization (unconfirmed: which it can send)",
    )
    halo_account: tuple[str, ...] = Field(
        ("client_id", "client.id", "area.id", "object_id"),
        min_length=1,
        description="where Halo's events name the client, the first that is there, as a JSON list (unconfirmed)",
    )

    @field_validator("key_hosts")
    @classmethod
    def _in_lower_case(cls, given: frozenset[str]) -> frozenset[str]:
        return frozenset(host.lower() for host in given)
