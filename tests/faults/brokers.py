"""Who of several brokers leads what, and whether all of them have everything."""

import asyncio
from collections import Counter
from time import monotonic
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from embedded.ports import LOOPBACK
from tests.faults.running import NotRunning, Running
from tests.faults.watching import COMMANDS

_BACK_S: Final = 150.0


class Brokers:
    """Of the system under test, as a client sees them."""

    def __init__(self, running: Running) -> None:
        self._running = running

    async def busiest(self) -> tuple[int, int]:
        """The number of the broker that leads most partitions of command topics, and how many."""
        topics = await self._topics(self._running.endpoints()["kafka"])
        commands = [topic for topic in topics if topic["topic"] in COMMANDS]
        led = Counter(partition["leader"] for topic in commands for partition in topic["partitions"])
        [(node, count)] = led.most_common(1)
        return int(node), count

    async def back(self, port: int) -> None:
        """Returns once this broker answers, before which the others may not have noticed that it was away, and every
        replica of every partition has all that is confirmed."""
        until = monotonic() + _BACK_S
        while lagging := [
            f"{topic['topic']}[{partition['partition']}] of {partition['leader']} is at {partition['isr']}"
            for topic in await self._topics(f"{LOOPBACK}:{port}")
            for partition in topic["partitions"]
            if set(partition["isr"]) != set(partition["replicas"])
        ]:
            if monotonic() > until:
                raise NotRunning(f"{len(lagging)} partitions lack a replica after {_BACK_S:.0f} s: {lagging[:9]}")
            await asyncio.sleep(0.5)

    async def _topics(self, servers: str) -> list[dict[str, Any]]:
        """Waits for whichever of these is there."""
        until = monotonic() + _BACK_S
        while True:
            client = AIOKafkaAdminClient(bootstrap_servers=servers, request_timeout_ms=5_000)
            try:
                await client.start()
                return list(await client.describe_topics())
            except (KafkaError, OSError) as error:
                if monotonic() > until:
                    raise NotRunning(f"{servers}: no answer within {_BACK_S:.0f} s") from error
                await asyncio.sleep(0.5)
            finally:
                await client.close()
