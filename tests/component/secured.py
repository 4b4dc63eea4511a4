"""A broker that speaks TLS only, knows its principals by password and lets them do what they were granted."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from embedded.datadir import DataDir
from embedded.part import Part
from embedded.ports import LOOPBACK
from embedded.servers import kafka
from shared.kafka.cluster import Cluster, cluster_of
from shared.settings import KafkaSettings
from tests.certificates import a_certificate

ADMIN = "admin"
PRINCIPALS = (ADMIN, "customer-svc", "psa-sync-svc", "invoice-svc", "stranger")


def password(principal: str) -> str:
    return f"invented-for-{principal}"


@dataclass(frozen=True)
class Secured:
    """`told`: the settings, without their `REBILLING_`, of whoever connects as that principal."""

    part: Part
    ca_file: Path

    def told(self, principal: str, **instead: str) -> dict[str, str]:
        return {
            "KAFKA__BOOTSTRAP_SERVERS": f"{LOOPBACK}:{self.part.port}",
            "KAFKA__SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA__SASL_MECHANISM": "PLAIN",
            "KAFKA__SASL_USERNAME": principal,
            "KAFKA__SASL_PASSWORD": password(principal),
            "KAFKA__CA_FILE": str(self.ca_file),
            **instead,
        }

    def cluster(self, principal: str, **instead: str) -> Cluster:
        told = self.told(principal, **instead).items()
        given = {name.removeprefix("KAFKA__").lower(): value for name, value in told}
        return cluster_of(KafkaSettings.model_validate(given))


def a_secured_broker(home: Path) -> Secured:
    """Not started yet."""
    key, certificate = a_certificate()
    ca_file = home / "ca.pem"
    ca_file.write_text(certificate)
    data = DataDir(home / "broker")
    ports = data.port("kafka"), data.port("kafka-controller")
    return Secured(kafka(data, lambda _: None, _properties(*ports, key, certificate)), ca_file)


def _properties(port: int, controller: int, key: str, certificate: str) -> Mapping[str, str]:
    """The controller speaks to nobody but this one broker, so it is left as it is."""
    users = " ".join(f'user_{name}="{password(name)}"' for name in PRINCIPALS)
    plain = "org.apache.kafka.common.security.plain.PlainLoginModule"
    return {
        "listeners": f"SASL_SSL://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller}",
        "listener.security.protocol.map": "SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
        "advertised.listeners": f"SASL_SSL://{LOOPBACK}:{port}",
        "inter.broker.listener.name": "SASL_SSL",
        "sasl.enabled.mechanisms": "PLAIN",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "listener.name.sasl_ssl.plain.sasl.jaas.config": (
            f'{plain} required username="{ADMIN}" password="{password(ADMIN)}" {users};'
        ),
        "ssl.keystore.type": "PEM",
        "ssl.keystore.key": _one_line(key),
        "ssl.keystore.certificate.chain": _one_line(certificate),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.certificates": _one_line(certificate),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:{ADMIN};User:ANONYMOUS",
        "allow.everyone.if.no.acl.found": "false",
    }


def _one_line(pem: str) -> str:
    """As a properties file wants it."""
    return pem.strip().replace("\n", "\\n")
