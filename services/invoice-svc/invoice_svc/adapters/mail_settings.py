"""How mail goes out: the server, the log that can be asked, and the making of the PDFs."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from shared.settings import Settings

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class SmtpSettings(Settings):
    """`REBILLING_SMTP__…`. `timeout_s` bounds a whole conversation and must stay below the lease of a delivery.

    `security`: `auto` takes TLS where the server offers it; a password is only sent over TLS or to this machine.
    `ca_file`: certificates to trust beside the system's. `hello`: our name to the server, else the machine's.
    `sender_name`, `sender_address`: for partners that have settled none of their own.
    `lookup`: address of a log that answers `GET {lookup}/{message_id}` with 200 or 404, or `none`.
    """

    model_config = SettingsConfigDict(env_prefix="REBILLING_SMTP__")

    host: str = "127.0.0.1"
    port: int = Field(default=25, ge=1, le=65535)
    username: str | None = None
    password: SecretStr | None = None
    security: Literal["auto", "none", "starttls", "tls"] = "auto"
    ca_file: Path | None = None
    hello: str | None = None
    timeout_s: float = Field(default=20.0, gt=0)
    sender_name: str = "Billing"
    sender_address: str = "billing@rebilling.example"
    lookup: str = "none"
    lookup_timeout_s: float = Field(default=5.0, gt=0)

    def in_plain_text(self) -> str | None:
        if self.security in ("starttls", "tls") or self.host in _LOOPBACK:
            return None
        return "REBILLING_SMTP__SECURITY must be starttls or tls: mails hold invoices"

    @model_validator(mode="after")
    def _password_only_over_tls(self) -> Self:
        if self.username and self.security in ("auto", "none") and self.host not in _LOOPBACK:
            raise ValueError("REBILLING_SMTP__USERNAME is set: set REBILLING_SMTP__SECURITY to starttls or tls")
        return self

    @model_validator(mode="after")
    def _lookup_is_an_address(self) -> Self:
        if self.lookup != "none" and not self.lookup.startswith(("http://", "https://")):
            raise ValueError("REBILLING_SMTP__LOOKUP must be an http:// or https:// address, or none")
        return self


class PdfSettings(Settings):
    """`REBILLING_PDF__…`. `font_dir` adds fonts to those of typst, which has none for Chinese, Japanese, Korean, Thai…

    A process that has made `renders_per_process` PDFs is replaced, since typst caches what it has set.
    """

    model_config = SettingsConfigDict(env_prefix="REBILLING_PDF__")

    timeout_s: float = Field(default=10.0, ge=1)
    queue: int = Field(default=64, ge=1)
    renders_per_process: int = Field(default=2_000, ge=1)
    font_dir: Path | None = None
