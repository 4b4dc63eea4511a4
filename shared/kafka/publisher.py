"""Publishes records with an idempotent producer, and makes a new one when the old one can no longer go on."""

import asyncio
import contextlib
from collections.abc import Awaitable
from typing import Final

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    IllegalStateError,
    KafkaError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    ProducerClosed,
    ProducerFenced,
    UnknownProducerId,
)

from shared.contracts.topics import MESSAGE_BYTES
from shared.engine.errors import Unavailable
from shared.engine.ports import Record, TooLarge
from shared.engine.waiting import pauses
from shared.kafka.cluster import Cluster

BATCH_BYTES: Final = 128 * 1024
"""Of a partition in one request: with the client's 16 KiB the events of a batch go out one request after the other."""

_LOST: Final = (OutOfOrderSequenceNumber, ProducerFenced, UnknownProducerId, ProducerClosed, IllegalStateError)
_log = structlog.get_logger(__name__)


class KafkaPublisher:
    """One producer for the process. `send` keeps the order of its calls per key."""

    def __init__(self, cluster: Cluster, client_id: str) -> None:
        self._cluster, self._client_id = cluster, client_id
        self._producer: AIOKafkaProducer | None = None
        self._renewal = asyncio.Lock()
        self._stopped = False

    async def start(self) -> None:
        """Waits until the broker answers."""
        wait = pauses()
        while self._producer is None and not self._stopped:
            producer = AIOKafkaProducer(
                **self._cluster.options(),
                client_id=self._client_id,
                enable_idempotence=True,
                acks="all",
                linger_ms=0,
                request_timeout_ms=10_000,
                retry_backoff_ms=100,
                max_request_size=2 * MESSAGE_BYTES,
                max_batch_size=BATCH_BYTES,
            )
            try:
                await producer.start()
                self._producer = producer
            except (KafkaError, OSError) as error:
                await _end(producer, 2.0)
                _log.warning("waiting for the broker", error=error)
                await wait.sleep()

    async def send(self, record: Record) -> Awaitable[None]:
        """Hands the record over; what is answered is its confirmation. Raises `TooLarge`, and `Unavailable` while there
        is no producer or it does not take the record."""
        producer = self._producer
        if producer is None:
            raise Unavailable("broker: no producer yet")
        if record.value is not None and len(record.value) + 4096 > MESSAGE_BYTES and ".dlq" not in record.topic:
            raise TooLarge(record.topic)
        try:
            future = await producer.send(record.topic, value=record.value, key=record.key, headers=list(record.headers))
        except MessageSizeTooLargeError:
            raise TooLarge(record.topic) from None
        except KafkaError as error:
            await self._renew(producer, error)
            raise Unavailable(f"broker: {type(error).__name__}") from error
        return self._confirmed(future, producer)

    async def _confirmed(self, future: "asyncio.Future[object]", producer: AIOKafkaProducer) -> None:
        try:
            await asyncio.shield(future)
        except MessageSizeTooLargeError:
            raise TooLarge("the broker's limit") from None
        except KafkaError as error:
            await self._renew(producer, error)
            raise Unavailable(f"broker: {type(error).__name__}") from error

    async def _renew(self, broken: AIOKafkaProducer, error: KafkaError) -> None:
        """A producer whose sequence is lost, or whose sender has died, never recovers by itself."""
        if not isinstance(error, _LOST) and type(error) is not KafkaError:
            return
        async with self._renewal:
            if self._producer is broken:
                _log.warning("making a new producer", error=error)
                self._producer = None
                await _give_up(broken)
                await self.start()

    async def stop(self, limit_s: float = 5.0) -> None:
        """What is not confirmed by then stays in the outbox; whoever still publishes makes no new producer."""
        self._stopped = True
        producer, self._producer = self._producer, None
        if producer is not None:
            await _end(producer, limit_s)


async def _give_up(producer: AIOKafkaProducer) -> None:
    """What it has not confirmed is answered with a failure, as when its sender dies: the new one sends it again, in its
    place before what comes after it. It may yet arrive from the old one too: as a repeat."""
    producer._message_accumulator.fail_all(ProducerClosed())
    with contextlib.suppress(Exception):  # it is broken: whatever it says to its end is of no use
        await asyncio.wait_for(producer.stop(), 2.0)


async def _end(producer: AIOKafkaProducer, limit_s: float) -> None:
    with contextlib.suppress(KafkaError, OSError, asyncio.TimeoutError):
        await asyncio.wait_for(producer.stop(), limit_s)
