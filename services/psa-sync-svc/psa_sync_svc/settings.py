"""What is set for psa-sync-svc alone: the keys of the credentials, and how it calls PSAs."""

from base64 import urlsafe_b64decode
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from shared.settings import Settings


class PsaSettings(Settings):
    model_config = SettingsConfigDict(env_prefix="REBILLING_PSA__")

    encryption_key: SecretStr = Field(
        description="32 bytes in URL-safe base64; several, separated by commas: the first seals, all open"
    )
    fetches_at_once: int = Field(16, ge=1, le=200, description="accounts that one process reads at the same time")
    fetches_of_one_partner: int = Field(3, ge=1, le=200, description="how many of those may be one partner's")
    syncs_at_once: int = Field(16, ge=1, le=200, description="linked customers that one process works on together")
    syncs_of_one_partner: int = Field(3, ge=1, le=200, description="how many of those may be one partner's")
    slow_at_once: int = Field(
        64, ge=1, le=1000, description="integrations whose answers take long, for each kind of work in one process"
    )
    call_limit_s: float = Field(30.0, gt=0, le=300, description="how long a call may take, its own attempts included")
    interactive_limit_s: float = Field(10.0, gt=0, le=60, description="the same where a person waits for it")
    failures_until_paused: int = Field(
        5, ge=1, le=1000, description="calls in a row without an answer before work that nobody waits for pauses"
    )
    first_pause_s: float = Field(15.0, gt=0, le=3600, description="how long, at first; each probe in vain doubles it")
    longest_pause_s: float = Field(600.0, gt=0, le=86_400, description="how long at the most")
    fetch_tries: int = Field(6, ge=1, le=20, description="how often a PSA that is away is asked for one import")
    bulk_open_at_once: int = Field(30, ge=1, le=1000, description="imports of one bulk import that are open together")
    list_fresh_s: float = Field(900.0, ge=1, description="how old an account list may be before it is read again")
    list_most_accounts: int = Field(
        200_000, ge=1, description="accounts in one reading of a list, beyond which it is taken for one without an end"
    )
    poll_fastest_s: float = Field(60.0, ge=1, description="the pause between two polls of a PSA where changes come in")
    poll_slowest_s: float = Field(900.0, ge=1, description="the longest pause, where nothing changes for long")
    poll_hinted_s: float = Field(5.0, ge=0, description="the least pause after a poll, however many webhooks come")
    reconcile_every_s: float = Field(86_400.0, ge=60, description="how often each whole account list is compared")
    default_region: str | None = Field(
        None,
        pattern="^[A-Z]{2}$",
        description="the country whose national phone numbers are understood, as customer-svc has it, as alpha-2",
    )
    stop_grace_s: float = Field(8.0, ge=0, le=12, description="how long calls under way may take when it is stopped")

    @field_validator("encryption_key")
    @classmethod
    def _are_keys(cls, given: SecretStr) -> SecretStr:
        if any(len(key) != 32 for key in _keys(given)):
            raise ValueError("each key must be 32 bytes in URL-safe base64, such as `openssl rand -base64 32` makes")
        return given

    @model_validator(mode="after")
    def _slower_is_not_faster(self) -> Self:
        if self.poll_slowest_s < self.poll_fastest_s:
            raise ValueError("poll_slowest_s must not be less than poll_fastest_s")
        return self

    @property
    def keys(self) -> tuple[bytes, ...]:
        """The newest first."""
        return _keys(self.encryption_key)


def _keys(given: SecretStr) -> tuple[bytes, ...]:
    return tuple(_key(text.strip()) for text in given.get_secret_value().split(","))


def _key(text: str) -> bytes:
    """Empty for what is no base64, in either alphabet."""
    try:
        return urlsafe_b64decode(
            text.translate({ord("+"): "-", ord("/"): "_"}).encode("ascii") + b"=" * (-len(text) % 4)
        )
    except ValueError:
        return b""
