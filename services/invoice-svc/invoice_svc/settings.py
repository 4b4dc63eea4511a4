"""What is set for invoice-svc alone: how much it does at once."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import Settings


class InvoiceSettings(Settings):
    model_config = SettingsConfigDict(env_prefix="REBILLING_INVOICE__")

    mails_at_once: int = Field(16, ge=1, le=200, description="mails that one process hands over at the same time")
    mails_of_one_partner: int = Field(8, ge=1, le=200, description="how many of those may be one partner's")
    stop_grace_s: float = Field(8.0, ge=0, le=12, description="how long mails under way may take when it is stopped")
