"""How the brokers are reached, as both libraries want it said: in plain text or over TLS, as a principal or nobody."""

import ssl
from dataclasses import dataclass, field
from typing import Any, Final

from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from shared.settings import KafkaSettings

_MECHANISMS: Final = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}


@dataclass(frozen=True, slots=True)
class Cluster:
    """`servers`: host:port,host:port. `tls` None: plain text. `mechanism` None: no principal is named."""

    servers: str
    tls: ssl.SSLContext | None = None
    mechanism: str | None = None
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def brokers(self) -> list[str]:
        """Each by itself: FastStream takes a string for one address, whatever is in it."""
        return [broker for each in self.servers.split(",") if (broker := each.strip())]

    @property
    def security(self) -> BaseSecurity | None:
        """For FastStream."""
        if self.mechanism is not None:
            sasl = _MECHANISMS[self.mechanism]
            return sasl(self.username, self.password, ssl_context=self.tls, use_ssl=self.tls is not None)
        return None if self.tls is None else BaseSecurity(ssl_context=self.tls, use_ssl=True)

    def options(self) -> dict[str, Any]:
        """For aiokafka's clients: everything that says where and how to connect."""
        found: dict[str, Any] = {"bootstrap_servers": self.brokers}
        if self.tls is not None:
            found |= {"ssl_context": self.tls}
        if self.mechanism is not None:
            found |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password,
            }
        return found | {"security_protocol": self._protocol}

    @property
    def _protocol(self) -> str:
        if self.mechanism is None:
            return "PLAINTEXT" if self.tls is None else "SSL"
        return "SASL_PLAINTEXT" if self.tls is None else "SASL_SSL"


def cluster_of(settings: KafkaSettings) -> Cluster:
    """Certificates are always checked, and the broker's name with them; raises `OSError` for a `ca_file` that cannot be
    read."""
    tls = None
    if settings.security_protocol in ("SSL", "SASL_SSL"):
        tls = ssl.create_default_context(cafile=None if settings.ca_file is None else str(settings.ca_file))
    if not settings.security_protocol.startswith("SASL"):
        return Cluster(settings.bootstrap_servers, tls)
    return Cluster(
        settings.bootstrap_servers,
        tls,
        settings.sasl_mechanism,
        settings.sasl_username or "",
        settings.sasl_password.get_secret_value() if settings.sasl_password else "",
    )
