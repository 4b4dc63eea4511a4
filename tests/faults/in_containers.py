"""The system under test in containers, and what can be done to those beside killing their processes."""

import asyncio
import random
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Final, Self

import stamina
from docker.errors import APIError
from testcontainers.core.docker_client import DockerClient

from tests.e2e.composing import Wanted, running, start_service
from tests.e2e.containers import Containers, Part, images
from tests.faults.outages import Outages
from tests.faults.run import Place, Plan
from tests.faults.running import SERVICES, SETTINGS, Running

NEXT: Final = ":next"
"""The tag of the image that a rolling upgrade goes to."""

_INSIDE: Final = "/failpoints"
_AWAY_S: Final = 12.0
"""Longer than the group's sessions, so that others have its partitions when it comes back."""


class InContainers(Running):
    """Two instances of each service; their processes are seen from here under the ids that they know themselves by."""

    containers: Containers

    async def __aenter__(self) -> Self:
        self.failpoints.mkdir(parents=True)
        self.failpoints.chmod(0o777)  # the services are another user's
        settings = {name.removeprefix("REBILLING_"): value for name, value in SETTINGS.items()}
        self.wanted = Wanted(
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

    def one_of(self, service: str) -> Part:
        return self._in.containers.parts[f"{service}-{self._rng.choice((1, 2))}"]

    async def pause(self, part: Part) -> None:
        wrapped = part.container.get_wrapped_container()
        self._note("container paused", f"{part.name}, for {_AWAY_S:.0f} s")
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
        self._note("container cut off", f"{part.name}, for {_AWAY_S:.0f} s")
        id = part.container.get_container_id()
        await asyncio.to_thread(network.disconnect, id, force=True)
        try:
            await asyncio.sleep(_AWAY_S)
        finally:
            await asyncio.to_thread(network.connect, id, aliases=[part.name])

    async def restart(self, part: Part) -> None:
        self._note("container restarted", part.name)
        await asyncio.to_thread(part.container.get_wrapped_container().restart, timeout=30)

    async def upgrade(self) -> None:
        """One container after the other goes, and one of the next image takes its name, its port and its work."""
        for service in SERVICES:
            for number in (1, 2):
                name = f"{service}-{number}"
                image = images().of(service, NEXT)
                await asyncio.to_thread(start_service, self._in.containers, name, image, self._in.wanted)
                self._note("instance upgraded", name)
                await self._in.ready(service)


def next_images() -> None:
    """The same services under another tag, with a label of their own: other images, as an upgrade has them."""
    engine = DockerClient().client
    for service in SERVICES:
        image = engine.images.get(images().of(service))
        image.tag(f"rebilling/{service}", NEXT.removeprefix(":"))


async def disturb(plan: Plan, outages: ContainerOutages, began: float) -> None:
    """Each kind once at each service, under the full stream; the foundations too; then the upgrade."""
    del began
    for kill in range(plan.kills):
        await outages.kill_at_random()
        if kill == plan.kills // 2:
            await outages.kill_foundation("store")
    for service in SERVICES:
        for way in (outages.pause, outages.cut_off, outages.restart):
            await way(outages.one_of(service))
    await outages.kill_foundation("kafka")
    await outages.upgrade()


IN_CONTAINERS: Final = Place(InContainers, ContainerOutages, disturb)
