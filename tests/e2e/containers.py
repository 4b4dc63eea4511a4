"""The whole system in containers, known to a test by the same endpoints file that `rebilling up` writes."""

import contextlib
import json
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from docker.errors import NotFound
from testcontainers.core.container import DockerContainer
from testcontainers.core.network import Network

from embedded.ports import LOOPBACK
from ops.identity import Identity
from ops.system import SERVICES, SIMULATORS
from tests.e2e.compose_file import image

SIMULATED_PORT: Final = 8090


@dataclass(frozen=True)
class Images:
    """By their settings; the defaults are the official ones and ours."""

    kafka: str
    mongodb: str
    simulated: str

    def of(self, service: str, tag: str = "") -> str:
        return image(service) + tag


def images() -> Images:
    return Images(image("kafka"), image("mongodb"), image("mail"))


@dataclass(frozen=True)
class Part:
    """One container; `port` is where it is reached from outside."""

    name: str
    container: DockerContainer
    port: int

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        """Of its main process, as this machine counts; 0 while it is down."""
        wrapped = self.container.get_wrapped_container()
        wrapped.reload()
        return int(wrapped.attrs["State"]["Pid"])


class Containers:
    """The parts, and the file that names them, rewritten when one has started again."""

    def __init__(self, home: Path, identity: Identity, network: Network, stack: ExitStack) -> None:
        self.file, self.secrets, self.identity = home / "endpoints.json", home / "secrets", identity
        self.network, self._stack, self._logs = network, stack, home / "logs"
        self._logs.mkdir(exist_ok=True)
        self.parts: dict[str, Part] = {}
        self._over = threading.Event()
        self._written = ""

    def start(self, name: str, container: DockerContainer, port: int, inside: int) -> Part:
        """`inside`: its own port, which is reached at `port` of this machine's loopback."""
        container.with_network(self.network).with_network_aliases(name)
        container.ports[f"{inside}/tcp"] = (LOOPBACK, port)  # type: ignore[assignment] # the engine's library takes it
        self._stack.callback(self._remove, name, container)
        container.start()
        self.parts[name] = part = Part(name, container, port)
        return part

    def endpoints(self) -> dict[str, Any]:
        def instances(service: str) -> list[dict[str, Any]]:
            found = [part for part in self.services() if part.name.rpartition("-")[0] == service]
            return [{"url": part.url, "pid": part.pid} for part in found]

        store, mail = (self.parts[name] for name in ("store", "mail"))
        brokers = self.brokers()
        simulators = {name: self.parts[name] for name in SIMULATORS}
        of_services = {service: instances(service) for service in SERVICES}
        return {
            "kafka": ",".join(f"{LOOPBACK}:{broker.port}" for broker in brokers),
            "mongodb": f"mongodb://{LOOPBACK}:{store.port}",
            "mail": mail.url,
            "simulators": {name: part.url for name, part in simulators.items()},
            "simulators_for_services": {name: f"http://{name}:{SIMULATED_PORT}" for name in simulators},
            **{service.replace("-", "_"): found[0]["url"] for service, found in of_services.items() if found},
            "instances": of_services,
            "pids": {part.name: part.pid for part in (*brokers, store, mail, *simulators.values())},
            "partner_id": self.identity.partner_id,
            "token": self.identity.token(self.identity.partner_id),
            "data_dir": str(self.identity.home.parent),
        }

    def brokers(self) -> list[Part]:
        return [part for part in tuple(self.parts.values()) if part.name.startswith("kafka")]

    def services(self) -> list[Part]:
        return [part for part in tuple(self.parts.values()) if part.name.rpartition("-")[0] in SERVICES]

    def leave(self, name: str) -> None:
        """It is asked to end, and is gone for good."""
        part = self.parts.pop(name)
        part.container.get_wrapped_container().stop(timeout=30)
        self._remove(name, part.container)

    def write(self) -> None:
        told = json.dumps(self.endpoints(), indent=1)
        if told != self._written:
            scratch = self.file.with_suffix(".new")
            scratch.touch(mode=0o600)
            scratch.write_text(told)
            scratch.replace(self.file)
            self._written = told

    def follow(self) -> None:
        """Until it is told to end: the file names the living processes."""
        while not self._over.wait(0.3):
            with contextlib.suppress(NotFound):  # one is being replaced
                self.write()

    def end(self) -> None:
        self._over.set()

    def _remove(self, name: str, container: DockerContainer) -> None:
        """What it said is kept in a file. One that was replaced is gone already."""
        with contextlib.suppress(NotFound):
            if (wrapped := container.get_wrapped_container()) is not None:
                with (self._logs / f"{name}.log").open("ab") as log:
                    log.write(wrapped.logs())
            container.stop()
