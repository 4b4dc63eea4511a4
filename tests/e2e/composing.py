"""Starts the containers one after the other, told what deploy/compose.yaml tells them, with ports of a test's own."""

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

from embedded.ports import answers, free_port
from ops.identity import Identity, identity_in
from ops.system import SERVICES, SIMULATORS
from tests.e2e.compose_file import ONE, brokers, environment
from tests.e2e.containers import SIMULATED_PORT, Containers, Images, Part, images
from tests.e2e.running import until

# Its reaper is an image too, which a machine without a registry of images has not; what a test starts, it stops.
testcontainers_config.ryuk_disabled = True

SERVICE_PORT: Final = 8080
READY_S: Final = 120.0
_ALWAYS: Final[Mapping[str, Any]] = {"restart_policy": {"Name": "always"}}
_BEFORE_OTHERS: Final[Mapping[str, Any]] = {**_ALWAYS, "cpu_shares": 4096}
"""Brokers and the store, which have machines of their own elsewhere: else six busy services leave one that was killed
no time to start."""
_HARDENED: Final[Mapping[str, Any]] = {
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"],
}


@dataclass(frozen=True)
class Wanted:
    """`files`: of compose, the later over the earlier. `settings`, without their `REBILLING_`, are told to every
    service; `mounts`: directories of this machine by their place in the services' containers; `options`: of the engine,
    for the services."""

    services: tuple[str, ...] = SERVICES
    instances: int = 2
    files: tuple[str, ...] = ONE
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
        _foundations(found, containers, wanted)
        _topics(found, network, wanted.files)
        for service in wanted.services:
            for number in range(1, wanted.instances + 1):
                start_service(containers, f"{service}-{number}", found.of(service), wanted)
        until("the services", lambda: all(is_ready(part) for part in containers.services()), READY_S)
        containers.write()
        following = threading.Thread(target=containers.follow, name="endpoints file")
        following.start()
        try:
            yield containers
        finally:
            containers.end()
            following.join()


def _foundations(found: Images, containers: Containers, wanted: Wanted) -> None:
    start = containers.start
    parts = [
        *_brokers(found, containers, wanted.files),
        start("store", DockerContainer(found.mongodb).with_kwargs(**_BEFORE_OTHERS), free_port(), 27017),
        start("mail", _simulated(found, "mailsink", "--smtp-port", "2525", "--http-port"), free_port(), SIMULATED_PORT),
        *(start(name, _simulated(found, name, "--port"), free_port(), SIMULATED_PORT) for name in SIMULATORS),
    ]
    until("Kafka, the store and the simulated parts", lambda: all(answers(part.port) for part in parts), READY_S)


def _brokers(found: Images, containers: Containers, files: tuple[str, ...]) -> Iterator[Part]:
    for name in brokers(files):
        port = free_port()
        told = environment(name, files, **{f"{name.upper().replace('-', '_')}_PORT": port})
        broker = DockerContainer(found.kafka).with_envs(**told).with_kwargs(hostname=name, **_BEFORE_OTHERS)
        yield containers.start(name, broker, port, 9094)


def _simulated(found: Images, module: str, *port_option: str) -> DockerContainer:
    command = ["python", "-m", f"embedded.{module}", "--host", "0.0.0.0", "--data-dir", f"/data/{module}"]
    container = DockerContainer(found.simulated).with_command([*command, *port_option, str(SIMULATED_PORT)])
    return container.with_kwargs(**_ALWAYS)


def _topics(found: Images, network: Network, files: tuple[str, ...]) -> None:
    told = environment("topics", files)
    job = DockerContainer(found.of("customer-svc")).with_network(network).with_kwargs(entrypoint=["rebilling-topics"])
    job.with_envs(**told | {"REBILLING_SECRETS_DIR": ""})
    with job:
        until("the topics", lambda: _has_ended(job), READY_S)
        assert job.wait() == 0, job.get_logs()


def _has_ended(container: DockerContainer) -> bool:
    container.reload()
    return container.status == "exited"


def start_service(containers: Containers, name: str, image: str, wanted: Wanted) -> None:
    """One that has the name already is asked to end first, and this one takes its place and its port."""
    before = containers.parts.get(name)
    port = free_port() if before is None else before.port
    if before is not None:
        containers.leave(name)
    service = a_service(name.rpartition("-")[0], image, wanted, containers.secrets)
    containers.start(name, service, port, SERVICE_PORT)


def a_service(service: str, image: str, wanted: Wanted, secrets: Path) -> DockerContainer:
    told = environment(
        service,
        wanted.files,
        REBILLING_PSA__ALLOW_PRIVATE_ADDRESSES="true",
        REBILLING_SMTP__LOOKUP=f"http://mail:{SIMULATED_PORT}/messages",
    )
    told |= {f"REBILLING_{name}": value for name, value in wanted.settings.items()}
    container = DockerContainer(image).with_envs(**told)
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
        "jwks": identity.jwks_file.read_text(),
    }
    for name, value in told.items():
        (secrets / name).write_text(value)
        (secrets / name).chmod(0o644)


def is_ready(part: Part) -> bool:
    try:
        return httpx.get(f"{part.url}/readyz", timeout=2.0, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def in_containers() -> bool:
    """`make e2e` asks for it."""
    return os.environ.get("REBILLING_E2E") == "containers"
