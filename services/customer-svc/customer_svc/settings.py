"""What is set for customer-svc alone."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import Settings


class CustomerSettings(Settings):
    model_config = SettingsConfigDict(env_prefix="REBILLING_CUSTOMER__")

    default_region: str | None = Field(
        None, pattern="^[A-Z]{2}$", description="the country whose national phone numbers are understood, as alpha-2"
    )
