"""A service's side of Kafka: FastStream's batch subscribers, one per subscription, and the order of starting and
ending."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final, cast

import structlog
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import FAKE_CONSUMER, KafkaMessage

from shared.engine.engine import Engine
from shared.engine.ports import Publisher
from shared.engine.waiting import pauses
from shared.kafka.admin import cluster_id
from shared.kafka.cluster import Cluster
from shared.kafka.consumer import BatchConsumer
from shared.kafka.dead_letters import DeadLetters
from shared.kafka.fetching import WaitingConsumer
from shared.kafka.subscription import Subscription

BATCH: Final = 400
"""Records of a batch at most: with up to eight batches in hand it is what a service's memory is made of."""
FETCH_BYTES: Final = 128 * 1024
"""Of a partition at once; a record that is larger comes alone."""
_NEVER: Final = 2**31 - 1
_log = structlog.get_logger(__name__)


class KafkaRuntime:
    """Consumes the subscriptions of one service until it is stopped."""

    def __init__(
        self,
        cluster: Cluster,
        service: str,
        *,
        subscriptions: Sequence[Subscription],
        engine: Engine,
        out: Publisher,
        clear: Callable[[], Awaitable[None]],
    ) -> None:
        self._cluster, self._service, self._clear = cluster, service, clear
        self._subscriptions, self._engine, self._out = subscriptions, engine, out
        self.consumers: list[BatchConsumer] = []
        self._broker: KafkaBroker | None = None

    async def start(self) -> None:
        """Waits for the broker, and says so."""
        its_id = await cluster_id(self._cluster)
        broker = self._broker = KafkaBroker(
            self._cluster.brokers,
            security=self._cluster.security,
            client_id=self._service,
            logger=None,
            ack_policy=AckPolicy.MANUAL,
            allow_auto_create_topics=False,
            request_timeout_ms=10_000,
        )
        subscribers = [self._subscribe(broker, subscription, its_id) for subscription in self._subscriptions]
        wait = pauses()
        while True:
            try:
                await broker.connect()
                _let_it_wait(broker)
                await broker.start()
                break
            except (KafkaError, OSError) as error:
                _log.warning("waiting for the broker", error=error)
                await wait.sleep()
        for consumer, subscriber in zip(self.consumers, subscribers, strict=True):
            consumer.consumer = subscriber.consumer
            consumer.start()

    def _subscribe(self, broker: KafkaBroker, subscription: Subscription, cluster_id: str) -> Any:
        topic = subscription.topic
        letters = DeadLetters(self._out, topic, self._service)
        consumer = BatchConsumer(
            subscription, self._engine, letters, cluster_id, clear=self._clear, others_busy=self._busy
        )
        self.consumers.append(consumer)
        subscriber = broker.subscriber(
            topic.name,
            batch=True,
            max_records=BATCH,
            batch_timeout_ms=5,
            max_partition_fetch_bytes=FETCH_BYTES,
            group_id=f"{self._service}.{topic.name}",
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL,
            no_reply=True,
            listener=consumer,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=3_000,
            rebalance_timeout_ms=60_000,
            max_poll_interval_ms=_NEVER,
            parser=_parser(consumer),
            decoder=_undecoded,
        )
        subscriber(_handler(consumer))
        return subscriber

    def _busy(self) -> bool:
        """Whether a subscription that somebody waits for has something in hand."""
        return any(each.busy for each in self.consumers if not each.subscription.gives_way)

    @property
    def ready(self) -> bool:
        return bool(self.consumers) and all(consumer.assigned for consumer in self.consumers)

    @property
    def stuck(self) -> list[str]:
        return [consumer.subscription.topic.name for consumer in self.consumers if consumer.stuck]

    async def stop(self) -> None:
        """Drain, commit, then leave the group; bounded, whether the broker is there or not."""
        await asyncio.gather(*(consumer.drain() for consumer in self.consumers), return_exceptions=True)
        if self._broker is not None:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(self._broker.stop(), 8.0)


def _parser(consumer: BatchConsumer) -> Callable[[Any], Awaitable[KafkaMessage]]:
    """One that cannot raise: the records go through untouched, with the assignment they came under."""

    async def as_it_is(message: Any) -> KafkaMessage:
        records = message if isinstance(message, tuple) else (message,)
        return KafkaMessage(raw_message=records, body=consumer.arrived(records), headers={}, consumer=FAKE_CONSUMER)

    return as_it_is


async def _undecoded(message: Any) -> Any:
    return message.body


def _handler(consumer: BatchConsumer) -> Callable[[Any], Awaitable[None]]:
    async def hand_over(handed: Any) -> None:
        await consumer.hand_over(handed)

    hand_over.__annotations__["handed"] = Any
    return hand_over


def _let_it_wait(broker: KafkaBroker) -> None:
    """The subscribers are to poll with our client; connecting has told FastStream how to make its own."""
    config = broker.config.broker_config
    config.builder = partial(WaitingConsumer, **cast("partial[object]", config.builder).keywords)
