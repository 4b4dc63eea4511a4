"""What an embedded system consists of: which processes, where they listen and what each is told."""

import os
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from embedded.datadir import DataDir
from embedded.jars import Say
from embedded.part import Part
from embedded.ports import LOOPBACK
from embedded.servers import document_store, kafka
from ops.identity import ALGORITHM, AUDIENCE, ISSUER, Identity

SERVICES: Final = ("customer-svc", "psa-sync-svc", "invoice-svc")
SIMULATORS: Final = ("autotask", "connectwise", "halopsa")
_START_S: Final = 90.0
_STOP_S: Final = 25.0


@dataclass(frozen=True)
class System:
    """Parts in two groups: what the services need, and the services, each with its instances."""

    kafka: str
    mongodb: str
    mail: str
    simulators: Mapping[str, str]
    foundations: tuple[Part, ...]
    services: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)

    @property
    def service_parts(self) -> tuple[Part, ...]:
        return tuple(part for instances in self.services.values() for part in instances)

    def endpoints(self) -> dict[str, object]:
        """Where the parts are, in the contract's shape, without what is secret."""
        first = {name.replace("-", "_"): parts[0].url for name, parts in self.services.items()}
        instances = {
            name: [{"url": part.url, "pid": part.pid} for part in parts] for name, parts in self.services.items()
        }
        pids = {"rebilling": os.getpid(), **{part.name: part.pid for part in self.foundations}}
        where = {"kafka": self.kafka, "mongodb": self.mongodb, "mail": self.mail, "simulators": dict(self.simulators)}
        return {**where, **first, "instances": instances, "pids": pids}


def system_of(data: DataDir, identity: Identity, given: Mapping[str, str], *, instances: int, say: Say) -> System:
    """Everything that is not `given` in the environment is a part of our own; nothing is started yet."""
    foundations: list[Part] = []
    told: dict[str, str] = {}
    _add_broker(data, given, foundations, told, say)
    _add_store(data, given, foundations, told, say)
    mail = _add_mail(data, given, foundations, told)
    simulators = _add_simulators(data, given, foundations, told)
    told |= _keys(identity, given)
    return System(
        kafka=told.get("REBILLING_KAFKA__BOOTSTRAP_SERVERS") or given["REBILLING_KAFKA__BOOTSTRAP_SERVERS"],
        mongodb=told.get("REBILLING_MONGODB__URI") or given["REBILLING_MONGODB__URI"],
        mail=mail,
        simulators=simulators,
        foundations=tuple(foundations),
        services={name: tuple(_service(name, n, data, told) for n in range(1, instances + 1)) for name in SERVICES},
    )


def has_own_issuer(given: Mapping[str, str]) -> bool:
    """True where tokens come from somewhere else, so that we can make none."""
    return bool(given.get("REBILLING_AUTH__JWKS_FILE") or given.get("REBILLING_AUTH__JWKS_URL"))


def _add_broker(
    data: DataDir, given: Mapping[str, str], foundations: list[Part], told: dict[str, str], say: Say
) -> None:
    if not given.get("REBILLING_KAFKA__BOOTSTRAP_SERVERS"):
        broker = kafka(data, say)
        foundations.append(broker)
        told["REBILLING_KAFKA__BOOTSTRAP_SERVERS"] = f"{LOOPBACK}:{broker.port}"


def _add_store(
    data: DataDir, given: Mapping[str, str], foundations: list[Part], told: dict[str, str], say: Say
) -> None:
    if not given.get("REBILLING_MONGODB__URI"):
        store = document_store(data, say)
        foundations.append(store)
        told["REBILLING_MONGODB__URI"] = f"mongodb://{LOOPBACK}:{store.port}"


def _add_mail(data: DataDir, given: Mapping[str, str], foundations: list[Part], told: dict[str, str]) -> str:
    """The sink, unless a mail server is given; answers the sink's address or an empty string."""
    if given.get("REBILLING_SMTP__HOST"):
        return ""
    smtp = data.port("smtp")
    sink = _module("mail", "embedded.mailsink", data, "--http-port", "--smtp-port", str(smtp))
    foundations.append(sink)
    told |= {
        "REBILLING_SMTP__HOST": LOOPBACK,
        "REBILLING_SMTP__PORT": str(smtp),
        "REBILLING_SMTP__LOOKUP": f"{sink.url}/messages",
    }
    return sink.url


def _add_simulators(
    data: DataDir, given: Mapping[str, str], foundations: list[Part], told: dict[str, str]
) -> dict[str, str]:
    """PSAs on this machine, at addresses that psa-sync-svc would otherwise refuse to call, and that reach it here."""
    parts = {name: _module(name, f"embedded.{name}", data, "--port") for name in SIMULATORS}
    foundations.extend(parts.values())
    told["REBILLING_PSA__ALLOW_PRIVATE_ADDRESSES"] = "true"
    if not given.get("REBILLING_WEBHOOKS__PUBLIC_URL"):
        told["REBILLING_WEBHOOKS__PUBLIC_URL"] = f"http://{LOOPBACK}:{data.port('psa-sync-svc-1')}"
    return {name: part.url for name, part in parts.items()}


def _module(name: str, module: str, data: DataDir, port_option: str, *more: str) -> Part:
    port, home = data.port(name), data.path / name
    command = [sys.executable, "-m", module, port_option, str(port), "--data-dir", str(home), *more]
    return Part(name, command, port, data.log(name), health="/healthz", stop_limit=10.0)


def _service(name: str, number: int, data: DataDir, told: Mapping[str, str]) -> Part:
    part = f"{name}-{number}"
    port = data.port(part)
    command = [str(Path(sysconfig.get_path("scripts")) / name)]
    env = {**told, "REBILLING_HTTP__HOST": LOOPBACK, "REBILLING_HTTP__PORT": str(port)}
    return Part(
        part, command, port, data.log(part), env=env, health="/readyz", start_limit=_START_S, stop_limit=_STOP_S
    )


def _keys(identity: Identity, given: Mapping[str, str]) -> dict[str, str]:
    keys = {"REBILLING_PSA__ENCRYPTION_KEY": given.get("REBILLING_PSA__ENCRYPTION_KEY") or identity.encryption_key}
    if has_own_issuer(given):
        return keys
    return keys | {
        "REBILLING_AUTH__JWKS_FILE": str(identity.jwks_file),
        "REBILLING_AUTH__ISSUER": ISSUER,
        "REBILLING_AUTH__AUDIENCE": AUDIENCE,
        "REBILLING_AUTH__ALGORITHM": ALGORITHM,
    }
