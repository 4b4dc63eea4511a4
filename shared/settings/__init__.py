"""What is read from the environment, one class per concern, so that a wrong setting is told before anything starts."""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Literal, Self, TypeVar, cast, get_type_hints
from urllib.parse import urlsplit

from pydantic import Field, FilePath, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError

from shared.settings.store_uri import StoreUri

T = TypeVar("T")

MISCONFIGURED: Final = 2
"""The exit code of a process whose settings cannot be used."""

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
SECRETS_DIR: Final = "REBILLING_SECRETS_DIR"
"""The variable that names a directory with one file for each secret, called like its variable and holding its value."""


class Settings(BaseSettings):
    """One concern. A subclass gives its `env_prefix` (`REBILLING_<CONCERN>__`) and describes each field; the
    description stands in the message when the variable is missing."""

    model_config = SettingsConfigDict(
        env_prefix="REBILLING_", extra="ignore", frozen=True, hide_input_in_errors=True, env_ignore_empty=True
    )

    def in_plain_text(self) -> str | None:
        """What of it would go over a network unencrypted or to whoever asks, and what to set instead; None: nothing."""
        return None


class SecuritySettings(Settings):
    model_config = SettingsConfigDict(env_prefix="REBILLING_SECURITY__")

    encrypted_only: bool = Field(
        False, description="true in production: nothing starts that would speak to others in plain text or nameless"
    )


class KafkaSettings(Settings):
    model_config = SettingsConfigDict(env_prefix="REBILLING_KAFKA__")

    bootstrap_servers: str = Field(min_length=1, description="the brokers, as host:port,host:port")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None
    ca_file: FilePath | None = Field(None, description="the authority that signed the brokers' certificates, as PEM")
    replication_factor: int | None = Field(
        None, ge=1, description="of topics that we create; none: 3, or one per broker"
    )

    def in_plain_text(self) -> str | None:
        if self.security_protocol == "SASL_SSL":
            return None
        return "REBILLING_KAFKA__SECURITY_PROTOCOL must be SASL_SSL: brokers are reached over TLS, as a principal"

    @model_validator(mode="after")
    def _sasl_is_whole(self) -> Self:
        named = self.sasl_username is not None or self.sasl_password is not None
        if self.security_protocol.startswith("SASL"):
            if self.sasl_username is None or self.sasl_password is None:
                raise ValueError(
                    "SASL needs REBILLING_KAFKA__SASL_USERNAME and REBILLING_KAFKA__SASL_PASSWORD; set both"
                )
        elif named:
            raise ValueError(
                "a user is named, but without SASL nothing would be checked; set "
                "REBILLING_KAFKA__SECURITY_PROTOCOL to SASL_SSL"
            )
        return self


class MongoSettings(Settings):
    model_config = SettingsConfigDict(env_prefix="REBILLING_MONGODB__")

    uri: SecretStr = Field(description="the document store's address, mongodb://host:port; it may hold a password")
    ca_file: FilePath | None = Field(None, description="the authority that signed the store's certificate, as PEM")
    certificate_file: FilePath | None = Field(
        None, description="our own certificate with its key, as PEM, where the store asks for one"
    )
    database_prefix: str = Field("rebilling_", pattern=r"^[A-Za-z0-9_-]{0,40}$")
    time_limit_s: float = Field(10.0, gt=0, le=60)
    pool: int = Field(20, ge=2, le=500, description="connections at most")

    @field_validator("uri")
    @classmethod
    def _is_an_address(cls, uri: SecretStr) -> SecretStr:
        if wrong := StoreUri(uri.get_secret_value()).wrong():
            raise ValueError(wrong)
        return uri

    @model_validator(mode="after")
    def _files_are_for_tls(self) -> Self:
        if (self.ca_file or self.certificate_file) and not StoreUri(self.uri.get_secret_value()).over_tls:
            raise ValueError(
                "REBILLING_MONGODB__CA_FILE and REBILLING_MONGODB__CERTIFICATE_FILE are for TLS, which "
                "REBILLING_MONGODB__URI does not ask for: add tls=true to it"
            )
        return self

    def in_plain_text(self) -> str | None:
        uri = StoreUri(self.uri.get_secret_value())
        if uri.over_tls and uri.checks_certificates and uri.names_a_user:
            return None
        return (
            "REBILLING_MONGODB__URI must name a user and have tls=true, and may not turn off the checks of certificates"
        )

    def database(self, service: str) -> str:
        """The database that this service owns, `rebilling_customer_svc`."""
        return self.database_prefix + service.replace("-", "_")


class AuthSettings(Settings):
    """Whose tokens are believed. The algorithm is fixed here and never taken from a token."""

    model_config = SettingsConfigDict(env_prefix="REBILLING_AUTH__")

    issuer: str = Field(min_length=1, description="the `iss` of the tokens")
    audience: str = Field(min_length=1, description="the `aud` that tokens must name")
    algorithm: Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519"] = (
        "RS256"
    )
    jwks_file: Path | None = Field(None, description="a file with the issuer's public keys; read again when it changes")
    jwks_url: str | None = Field(None, description="an https address of the issuer's public keys")
    leeway_s: int = Field(30, ge=0, le=300, description="how far clocks may be apart")

    @model_validator(mode="after")
    def _keys_from_one_place(self) -> Self:
        if (self.jwks_file is None) == (self.jwks_url is None):
            raise ValueError(
                "set either REBILLING_AUTH__JWKS_FILE or REBILLING_AUTH__JWKS_URL: the keys come from one place"
            )
        if self.jwks_url is not None and not _is_safe(self.jwks_url):
            raise ValueError(
                "REBILLING_AUTH__JWKS_URL must begin with https:// (http:// on loopback only) and hold no password"
            )
        return self


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if not host or parts.username is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)


class HttpSettings(Settings):
    model_config = SettingsConfigDict(env_prefix="REBILLING_HTTP__")

    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535, description="0: a free one, which the log tells")


class TelemetrySettings(Settings):
    model_config = SettingsConfigDict(env_prefix="REBILLING_TELEMETRY__")

    log_format: Literal["json", "console", "auto"] = "auto"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def json_lines(self) -> bool:
        """`auto`: colours for a person at a terminal, JSON for everything else."""
        return self.log_format == "json" or (self.log_format == "auto" and not sys.stdout.isatty())


def load(wanted: type[T]) -> T:
    """Read one settings class, or a dataclass whose fields are settings classes, from the environment.

    Secrets may stand in files (`REBILLING_SECRETS_DIR`). With `REBILLING_SECURITY__ENCRYPTED_ONLY` what would speak in
    plain text is wrong too. Where something is wrong: one line for each problem on standard error, with the variable's
    name and what to do but never with its value, and exit code 2.
    """
    parts = _parts(wanted)
    read: dict[str, Settings] = {}
    problems: list[str] = []
    where = _secrets_dir(problems)
    everything: list[tuple[str, type[Settings]]] = [*parts.items(), (_SECURITY, SecuritySettings)]
    for name, part in everything:
        try:
            read[name] = part(_secrets_dir=where)
        except ValidationError as error:
            problems.extend(_lines(part, error))
        except SettingsError as error:
            problems.append(f"{part.__name__}: {error}; it must be JSON")
    security = cast(SecuritySettings | None, read.pop(_SECURITY, None))
    if security is not None and security.encrypted_only:
        problems.extend(told for part in read.values() if (told := part.in_plain_text()))
    if problems:
        sys.stderr.write("".join(f"configuration: {line}\n" for line in problems))
        raise SystemExit(MISCONFIGURED)
    return cast(T, read[""]) if "" in parts else wanted(**read)


_SECURITY: Final = "security of all"


def _secrets_dir(problems: list[str]) -> Path | None:
    """A variable counts before a file of its name."""
    given = os.environ.get(SECRETS_DIR)
    if not given:
        return None
    where = Path(given)
    if not where.is_dir():
        problems.append(f"{SECRETS_DIR} is no directory: mount the secrets there, or do not set it")
        return None
    return where


def _parts(wanted: type[Any]) -> Mapping[str, type[Settings]]:
    if not is_dataclass(wanted):
        return {"": wanted}
    hints = get_type_hints(wanted)
    return {field.name: hints[field.name] for field in fields(wanted)}


def _lines(part: type[Settings], error: ValidationError) -> Iterator[str]:
    prefix = part.model_config.get("env_prefix", "")
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        message = problem["msg"].removeprefix("Value error, ")
        if not problem["loc"]:
            yield message
            continue
        variable = prefix + "__".join(str(step) for step in problem["loc"]).upper()
        field = part.model_fields.get(str(problem["loc"][0]))
        told = f" ({field.description})" if field is not None and field.description else ""
        if problem["type"] == "missing":
            yield f"{variable} is not set{told}: set it{_misspelt(variable, prefix, part)}"
        else:
            yield f"{variable}{told}: {message}"


def _misspelt(variable: str, prefix: str, part: type[Settings]) -> str:
    """A hint where the environment has a name that is nearly the one that is missing."""
    known = {prefix + name.upper() for name in part.model_fields}
    others = [name for name in os.environ if name.upper().startswith("REBILLING_") and name.upper() not in known]
    near = get_close_matches(variable, others, n=1, cutoff=0.85)
    return f"; did you mean it by {near[0]}?" if near else ""
