"""What every service is put together from: store, relay, engine, open work, Kafka, and the sweeps beside them."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from importlib.metadata import version
from typing import Any, Final

import structlog
from fastapi import APIRouter, FastAPI

from shared.engine import keys, open_work
from shared.engine.change import Kind
from shared.engine.engine import Engine
from shared.engine.errors import EngineError, Unavailable
from shared.engine.jobs import Jobs
from shared.engine.leases import Leases
from shared.engine.open_work import OpenWorkSweep
from shared.engine.parking import Parking
from shared.engine.refusals import REFUSALS
from shared.engine.relay import Relay
from shared.engine.sweep import Sweep
from shared.engine.worker import Worker
from shared.kafka.cluster import cluster_of
from shared.kafka.publisher import KafkaPublisher
from shared.kafka.runtime import KafkaRuntime
from shared.kafka.subscription import Subscription
from shared.settings import AuthSettings, KafkaSettings, MongoSettings
from shared.store.mongo import MongoStore
from shared.telemetry import metrics
from shared.web.app import create_app
from shared.web.auth import Authenticator
from shared.web.health import Checks, Failing

CLEAR_S: Final = 0.25
SCAN_S: Final = 10.0
MEASURE_S: Final = 30.0
_log = structlog.get_logger(__name__)

Step = tuple[str, float, Callable[[], Awaitable[object]]]
"""What is done again and again: its name, the seconds between two times, and how."""


class Core:
    """The running parts of one service; `kinds` are all its aggregates.

    `indexes`: a collection and the fields that its queries look for, in their order.
    """

    def __init__(
        self,
        service: str,
        kafka: KafkaSettings,
        mongo: MongoSettings,
        kinds: Sequence[Kind[Any, Any]],
        subscriptions: Sequence[Subscription],
        *,
        indexes: Sequence[tuple[str, ...]] = (),
    ) -> None:
        self.store = MongoStore(
            mongo.uri.get_secret_value(),
            mongo.database(service),
            time_limit=mongo.time_limit_s,
            pool=mongo.pool,
            ca_file=mongo.ca_file,
            certificate_file=mongo.certificate_file,
        )
        self._collections = [*(kind.collection for kind in kinds if kind.tell is not None), REFUSALS]
        cluster = cluster_of(kafka)
        self._publisher = KafkaPublisher(cluster, service)
        self.relay = Relay(self._publisher, f"/{service}", Parking(self.store))
        self.leases = Leases(self.store)
        self.jobs = Jobs(self.store, self.leases.owner)
        self.engine = Engine(self.store, self.relay, self.jobs)
        self._sweep = Sweep(self.store, self.relay, self.leases, self._collections)
        clear = self._sweep.clear_all
        self._kafka = KafkaRuntime(
            cluster, service, subscriptions=subscriptions, engine=self.engine, out=self._publisher, clear=clear
        )
        self._indexes = [*((collection, "unsaid", "_id") for collection in self._collections), keys.INDEX, *indexes]
        self._steps = self._sweeps(kinds)
        self._loops: list[asyncio.Task[None]] = []

    def _sweeps(self, kinds: Sequence[Kind[Any, Any]]) -> list[Step]:
        return [
            ("clear outboxes", CLEAR_S, self._sweep.clear_resting),
            ("outbox sweep", SCAN_S, self._sweep.say_abandoned),
            ("measures", MEASURE_S, self._measure),
            ("open work", open_work.EVERY_S, OpenWorkSweep(self.store, self.jobs, self.leases, kinds).step),
            ("keys", keys.EVERY_S, keys.KeySweep(self.store, self.leases).step),
        ]

    def also(self, name: str, every_s: float, step: Callable[[], Awaitable[object]]) -> None:
        """Something of the service's own that is done again and again from `start` on."""
        self._steps.append((name, every_s, step))

    async def start(self) -> None:
        """Raises `Unavailable` while the store is away; waits for the broker, and says so."""
        await self.store.ping()
        for collection, *fields in self._indexes:
            await self.store.declare_index(collection, *fields)
        self._loops = [asyncio.create_task(_every(pause, step), name=name) for name, pause, step in self._steps]
        await self._publisher.start()
        await self._kafka.start()

    async def _measure(self) -> None:
        """By itself: just while the sweep waits for the broker, somebody has to see the outboxes grow."""
        metrics.set_open_work(await self.jobs.depth())
        for collection in self._collections:
            depth, oldest_s = await self._sweep.depth(collection)
            metrics.outbox_depth(collection).set(depth)
            metrics.outbox_oldest_seconds(collection).set(oldest_s)

    async def stop(self) -> None:
        """The consumers first, then what they publish through; what is left unsaid, the next process says."""
        await self._kafka.stop()
        with contextlib.suppress(EngineError, TimeoutError):
            await asyncio.wait_for(self._sweep.clear_all(), 2.0)
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        await self._publisher.stop()
        self.store.close()

    @property
    def alive(self) -> Checks:
        return {"consumers": self._moving, "sweeps": self._sweeping}

    @property
    def ready(self) -> Checks:
        return {"store": self.store.ping, "assignment": self._assigned}

    async def _moving(self) -> None:
        if stuck := self._kafka.stuck:
            raise Failing(f"no progress for a minute on {', '.join(stuck)}")

    async def _sweeping(self) -> None:
        if ended := [loop.get_name() for loop in self._loops if loop.done()]:
            raise Failing(f"ended: {', '.join(ended)}")

    async def _assigned(self) -> None:
        if not self._kafka.ready:
            raise Failing("no partitions assigned yet")


class Desk:
    """All workers of this process."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self._workers = workers

    def start(self) -> None:
        for worker in self._workers:
            worker.start()

    async def stop(self, grace_s: float) -> None:
        await asyncio.gather(*(worker.stop(grace_s) for worker in self._workers))

    async def working(self) -> None:
        if ended := [worker.job for worker in self._workers if worker.ended]:
            raise Failing(f"ended: {', '.join(ended)}")


def app_of(
    service: str, auth: AuthSettings, core: Core, routers: Sequence[APIRouter], desk: Desk | None = None
) -> FastAPI:
    """The service's routes for whoever `auth` believes; alive while `core` is, and the workers of `desk`."""
    return create_app(
        service,
        version("rebilling"),
        service=service,
        authenticator=Authenticator(auth),
        routers=routers,
        alive=core.alive if desk is None else {**core.alive, "workers": desk.working},
        ready=core.ready,
    )


async def _every(seconds: float, step: Callable[[], Awaitable[object]]) -> None:
    """Again and again; a store or a broker that is away is waited for, and no failure ends it."""
    while True:
        try:
            await step()
        except Unavailable as error:
            _log.warning("waiting", error=error)
        except Exception:  # noqa: BLE001 - the next turn may do better, and the log tells of this one
            _log.exception("a sweep failed and is tried again")
        await asyncio.sleep(seconds)
