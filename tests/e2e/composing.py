"""Starts the containers one after the other, as deploy/compose.yaml has them, with ports of a test's own."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.network import Network

from embedded.ports import LOOPBACK, answers, free_port
from ops.identity import ALGORITHM, AUDIENCE, ISSUER, Identity, identity_in
from ops.system import SERVICES, SIMULATORS
from tests.e2e.containers import SIMULATED_PORT, Containers, Images, Part, images
from tests.e2e.running import until

# Its reaper is an image too, which a machine without a registry of images has not; what a test starts, it stops.
testcontainers_config.ryuk_disabled = True

SERVICE_PORT: Final = 8080
_READY_S: Final = 120.0
_ALWAYS: Final[Mapping[str, Any]] = {"restart_policy": {"Name": "always"}}
_HARDENED: Final[Mapping[str, Any]] = {
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"],
}


@dataclass(frozen=True)
class Wanted:
    """`settings`, without their `REBILLING_`, are told to every service; `mounts`: directories of this machine by their
    place in the services' containers; `options`: of the engine, for the services."""

    instances: int = 2
    settings: Mapping[str, str] = field(default_factory=dict)
    mounts: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


@contextmanager
def running(home: Path, wanted: Wanted = Wanted()) -> Iterator[Containers]:
    """All parts, ready, and the endpoints file written; stopped and removed at the end."""
    home.mkdir(parents=True, exist_ok=True)
    identity, found = identity_in(home), images()
    with Network() as network, ExitStack() as stack:
        containers = Containers(home, identity, network, stack)
        _put_secrets(containers.secrets, identity)
        _foundations(found, containers)
        _topics(found, network)
        for service in SERVICES:
            for number in range(1, wanted.instances + 1):
                start_service(containers, f"{service}-{number}", found.of(service), wanted)
        until("the services", lambda: all(_is_ready(part) for part in containers.services()), _READY_S)
        containers.write()
        following = threading.Thread(target=containers.follow, name="endpoints file")
        following.start()
        try:
            yield containers
        finally:
            containers.end()
            following.join()


def _foundations(found: Images, containers: Containers) -> None:
    kafka, start = free_port(), containers.start
    parts = [
        start("kafka", _kafka(found, kafka), kafka, 9094),
        start("store", DockerContainer(found.mongodb).with_kwargs(**_ALWAYS), free_port(), 27017),
        start("mail", _simulated(found, "mailsink", "--smtp-port", "2525", "--http-port"), free_port(), SIMULATED_PORT),
        *(start(name, _simulated(found, name, "--port"), free_port(), SIMULATED_PORT) for name in SIMULATORS),
    ]
    until("Kafka, the store and the simulated parts", lambda: all(answers(part.port) for part in parts), _READY_S)


def _kafka(found: Images, port: int) -> DockerContainer:
    """One node; what the official image is told by its variables."""
    told = {
        "NODE_ID": "1",
        "PROCESS_ROLES": "broker,controller",
        "CONTROLLER_QUORUM_VOTERS": "1@kafka:9093",
        "CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093,OUTSIDE://:9094",
        "ADVERTISED_LISTENERS": f"PLAINTEXT://kafka:9092,OUTSIDE://{LOOPBACK}:{port}",
        "LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,OUTSIDE:PLAINTEXT",
        "INTER_BROKER_LISTENER_NAME": "PLAINTEXT",
        "AUTO_CREATE_TOPICS_ENABLE": "false",
        "OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "LOG_DIRS": "/var/lib/kafka/data/logs",
    }
    variables = {f"KAFKA_{name}": value for name, value in told.items()}
    return DockerContainer(found.kafka).with_envs(**variables).with_kwargs(hostname="kafka", **_ALWAYS)


def _simulated(found: Images, module: str, *port_option: str) -> DockerContainer:
    command = ["python", "-m", f"embedded.{module}", "--host", "0.0.0.0", "--data-dir", f"/data/{module}"]
    container = DockerContainer(found.simulated).with_command([*command, *port_option, str(SIMULATED_PORT)])
    return container.with_kwargs(**_ALWAYS)


def _topics(found: Images, network: Network) -> None:
    job = DockerContainer(found.of("customer-svc")).with_network(network)
    job.with_env("REBILLING_KAFKA__BOOTSTRAP_SERVERS", "kafka:9092").with_kwargs(entrypoint=["rebilling-topics"])
    with job:
        until("the topics", lambda: _has_ended(job), _READY_S)
        assert job.wait() == 0, job.get_logs()


def _has_ended(container: DockerContainer) -> bool:
    container.reload()
    return container.status == "exited"


def start_service(containers: Containers, name: str, image: str, wanted: Wanted) -> None:
    """One that has the name already is asked to end first, and this one takes its place and its port."""
    before = containers.parts.get(name)
    if before is not None:
        before.container.get_wrapped_container().stop(timeout=30)
        before.container.stop()
    port = free_port() if before is None else before.port
    containers.start(name, a_service(image, wanted, containers.secrets), port, SERVICE_PORT)


def a_service(image: str, wanted: Wanted, secrets: Path) -> DockerContainer:
    told = {
        "SECRETS_DIR": "/run/secrets",
        "KAFKA__BOOTSTRAP_SERVERS": "kafka:9092",
        "AUTH__JWKS_FILE": "/run/secrets/jwks.json",
        "AUTH__ISSUER": ISSUER,
        "AUTH__AUDIENCE": AUDIENCE,
        "AUTH__ALGORITHM": ALGORITHM,
        "PSA__ALLOW_PRIVATE_ADDRESSES": "true",
        "SMTP__HOST": "mail",
        "SMTP__PORT": "2525",
        "SMTP__LOOKUP": f"http://mail:{SIMULATED_PORT}/messages",
        **wanted.settings,
    }
    container = DockerContainer(image).with_envs(**{f"REBILLING_{name}": value for name, value in told.items()})
    container.with_tmpfs_mount("/tmp").with_volume_mapping(str(secrets), "/run/secrets", "ro")  # noqa: S108 - its own
    for outside, inside in wanted.mounts.items():
        container.with_volume_mapping(outside, inside, "rw")
    return container.with_kwargs(**{**_HARDENED, **_ALWAYS, **wanted.options})


def _put_secrets(secrets: Path, identity: Identity) -> None:
    """A file for each; the services' user, who is not this one, can read them."""
    secrets.mkdir(mode=0o755)
    told = {
        "REBILLING_PSA__ENCRYPTION_KEY": identity.encryption_key,
        "REBILLING_MONGODB__URI": "mongodb://store:27017",
        "jwks.json": identity.jwks_file.read_text(),
    }
    for name, value in told.items():
        (secrets / name).write_text(value)
        (secrets / name).chmod(0o644)


def _is_ready(part: Part) -> bool:
    try:
        return httpx.get(f"{part.url}/readyz", timeout=2.0, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def in_containers() -> bool:
    """`make e2e` asks for it."""
    return os.environ.get("REBILLING_E2E") == "containers"
