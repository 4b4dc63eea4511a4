"""The system under test in containers, and what can be done to those beside killing their processes."""

import asyncio
import io
import random
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Final, Self

import stamina
from docker.errors import APIError
from testcontainers.core.docker_client import DockerClient

from tests.e2e.compose_file import THREE_BROKERS
from tests.e2e.composing import Wanted, running, start_service
from tests.e2e.containers import Containers, Part, images
from tests.faults.brokers import Brokers
from tests.faults.outages import Outages
from tests.faults.run import Place, Plan
from tests.faults.running import SERVICES, SETTINGS, Running

NEXT: Final = ":next"
"""The tag of the image that a rolling upgrade goes to."""

_INSIDE: Final = "/failpoints"
_AWAY_S: Final = 12.0
"""Longer than the group's sessions and a broker's, so that others have its partitions when it comes back."""


class InContainers(Running):
    """Three brokers, one store and two instances of each service; their processes are seen from here under the ids that
    they know themselves by."""

    containers: Containers

    async def __aenter__(self) -> Self:
        self.failpoints.mkdir(parents=True)
        self.failpoints.chmod(0o777)  # the services are another user's
        settings = {name.removeprefix("REBILLING_"): value for name, value in SETTINGS.items()}
        self.wanted = Wanted(
            files=THREE_BROKERS,
            settings={**settings, "FAILPOINTS": _INSIDE},
            mounts={str(self.failpoints): _INSIDE},
            options={"pid_mode": "host"},
        )
        self._stack = ExitStack()
        self.containers = await asyncio.to_thread(
            self._stack.enter_context, running(self.home / "containers", self.wanted)
        )
        self._file = self.containers.file
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self._stack.close)

    def network(self) -> Any:
        """The engine's own view of the network that all parts are in."""
        return DockerClient().client.networks.get(self.containers.network.name)

    def _require_it_runs(self) -> None:
        """The engine starts again what ends."""


class ContainerOutages(Outages):
    """Containers paused, cut off from the others, restarted, and replaced by those of another image."""

    def __init__(self, running: InContainers, rng: random.Random, tell: Callable[[str], None]) -> None:
        super().__init__(running, rng, tell)
        self._in = running
        self._brokers = Brokers(running)

    def one_of(self, service: str) -> Part:
        return self._in.containers.parts[f"{service}-{self._rng.choice((1, 2))}"]

    async def pause(self, part: Part) -> None:
        wrapped = part.container.get_wrapped_container()
        self._note(f"{_kind(part)} paused", f"{part.name}, for {_AWAY_S:.0f} s")
        async for attempt in stamina.retry_context(on=APIError, attempts=20, timeout=30.0):
            with attempt:  # a process in the middle of a system call cannot be frozen, and the engine gives up early
                await asyncio.to_thread(wrapped.pause)
        try:
            await asyncio.sleep(_AWAY_S)
        finally:
            await asyncio.to_thread(wrapped.unpause)

    async def cut_off(self, part: Part) -> None:
        """It runs on, and nobody hears it, nor it anybody."""
        network = self._in.network()
        self._note(f"{_kind(part)} cut off", f"{part.name}, for {_AWAY_S:.0f} s")
        id = part.container.get_container_id()
        await asyncio.to_thread(network.disconnect, id, force=True)
        try:
            await asyncio.sleep(_AWAY_S)
        finally:
            await asyncio.to_thread(network.connect, id, aliases=[part.name])

    async def restart(self, part: Part) -> None:
        self._note(f"{_kind(part)} restarted", part.name)
        await asyncio.to_thread(part.container.get_wrapped_container().restart, timeout=30)

    async def each_broker(self) -> None:
        """Whichever leads most, each time, and the next only once that one has caught up: of three, one may be away."""
        for way in (self._kill_broker, self.pause, self.cut_off, self.restart):
            node, led = await self._brokers.busiest()
            part = self._in.containers.brokers()[node - 1]
            self._tell(f"{part.name} leads {led} partitions of commands")
            await way(part)
            await self._brokers.back(part.port)

    async def _kill_broker(self, part: Part) -> None:
        await self.kill_foundation(part.name, counted="broker", why=part.name)

    async def rebalance(self, service: str) -> None:
        """A third instance takes a part of the partitions, and gives them back."""
        name = f"{service}-3"
        await asyncio.to_thread(start_service, self._in.containers, name, images().of(service), self._in.wanted)
        self._note("instance joined", name)
        await self._in.answer(f"{self._in.containers.parts[name].url}/readyz")
        await asyncio.to_thread(self._in.containers.leave, name)
        self._note("instance left", name)

    async def upgrade(self, service: str) -> None:
        """One container after the other goes, and one of the next image takes its name, its port and its work."""
        for number in (1, 2):
            name, image = f"{service}-{number}", images().of(service, NEXT)
            await asyncio.to_thread(start_service, self._in.containers, name, image, self._in.wanted)
            self._note("instance upgraded", name)
            await self._in.ready(service)


def _kind(part: Part) -> str:
    return "broker" if part.name.startswith("kafka") else "container"


def next_images() -> None:
    """The same services as other images, as an upgrade has them: a layer more, and another tag."""
    engine = DockerClient().client
    for service in SERVICES:
        now = images().of(service)
        more = f"FROM {now}\nENV REBILLING_UPGRADED=1\n"
        made, _ = engine.images.build(fileobj=io.BytesIO(more.encode()), tag=images().of(service, NEXT), rm=True)
        assert made.id != engine.images.get(now).id, f"{service}: the next image is the one that runs"


async def disturb(plan: Plan, outages: ContainerOutages, began: float) -> None:
    """Under the full stream: instances and the store are killed; each kind once at each service, at all of them side by
    side, while brokers go; then more and fewer instances, and the upgrade."""
    del began
    for kill in range(plan.kills):
        await outages.kill_at_random()
        if kill == plan.kills // 2:
            await outages.kill_foundation("store")
    await asyncio.gather(*(_each_kind(outages, turn) for turn in range(len(SERVICES))), outages.each_broker())
    await asyncio.gather(*map(outages.rebalance, SERVICES))
    await asyncio.gather(*map(outages.upgrade, SERVICES))


async def _each_kind(outages: ContainerOutages, turn: int) -> None:
    """Each service begins with another one."""
    ways = (outages.pause, outages.cut_off, outages.restart)
    for way in ways[turn:] + ways[:turn]:
        await way(outages.one_of(SERVICES[turn]))


IN_CONTAINERS: Final = Place(InContainers, ContainerOutages, disturb)
