"""`rebilling-replay`: says dead letters again on the topic that they came from, once what kept them from being taken is
mended. Who has taken one meanwhile recognises the repeat, so a letter may be said again twice, and beside the others.
"""

import argparse
import asyncio
import gzip
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from shared.contracts.topics import TOPICS, Topic, dead_letters
from shared.engine.errors import Unavailable
from shared.engine.ports import Publisher, Record, TooLarge
from shared.kafka.cluster import Cluster, cluster_of
from shared.kafka.publisher import KafkaPublisher
from shared.settings import KafkaSettings, load

_ADDED: Final = "rebilling_dlq_"
LETTERS: Final = {dead_letters(topic, service).name: topic for topic in TOPICS for service in topic.consumers}
"""Every topic of dead letters, and the topic that its letters came from."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter: where it stands, what it was, and what was added when it went aside."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    added: Mapping[str, str]

    def line(self) -> str:
        """For an operator; nothing of its value."""
        at = "{topic}[{partition}]@{offset}".format_map(self.added)
        return f"{self.offset}  {self.added['time']}  {self.added['reason']}  {at}  {self.added['detail']}"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which letters; none of both: all."""

    offsets: frozenset[int] = frozenset()
    reasons: frozenset[str] = frozenset()

    def __contains__(self, letter: Letter) -> bool:
        wanted = not self.offsets or letter.offset in self.offsets
        return wanted and (not self.reasons or letter.added["reason"] in self.reasons)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="rebilling-replay", description=__doc__)
    parser.add_argument("letters", choices=sorted(LETTERS), metavar="TOPIC", help="a topic of dead letters: ….dlq")
    parser.add_argument("--say", action="store_true", help="say them again; without it they are only listed")
    parser.add_argument("--offset", type=int, action="append", default=[], help="this letter only; may be repeated")
    parser.add_argument("--reason", action="append", default=[], help="letters with this reason only, such as FAILED")
    parser.add_argument("--wait", type=float, default=60.0, metavar="SECONDS", help="how long it may take at most")
    given = parser.parse_args(arguments)
    chosen = Chosen(frozenset(given.offset), frozenset(given.reason))
    cluster = cluster_of(load(KafkaSettings))
    try:
        return asyncio.run(_within(given.wait, cluster, given.letters, chosen, say=given.say))
    except (TimeoutError, OSError, KafkaError, Unavailable) as error:
        sys.stderr.write(f"rebilling-replay: {error or 'it took too long; what was told as said again is'}\n")
        return 1


async def _within(limit_s: float, cluster: Cluster, name: str, chosen: Chosen, *, say: bool) -> int:
    async with asyncio.timeout(limit_s):
        return await _say_again(cluster, name, chosen) if say else await _list(cluster, name, chosen)


async def _list(cluster: Cluster, name: str, chosen: Chosen) -> int:
    found = [letter async for letter in letters_of(cluster, name) if letter in chosen]
    for letter in found:
        print(letter.line())  # noqa: T201
    print(f"{len(found)} dead letters; --say says them again on {LETTERS[name].name}")  # noqa: T201
    return 0


async def _say_again(cluster: Cluster, name: str, chosen: Chosen) -> int:
    """1 where one of them cannot be."""
    said, left = 0, 0
    async with _publishing(cluster) as publisher:
        async for letter in letters_of(cluster, name):
            if letter not in chosen:
                continue
            if why_not := await say_again(publisher, LETTERS[name], letter):
                left += 1
                sys.stderr.write(f"not said again, {why_not}: {letter.line()}\n")
            else:
                said += 1
    print(f"{said} said again on {LETTERS[name].name}")  # noqa: T201
    return 1 if left else 0


async def say_again(publisher: Publisher, topic: Topic, letter: Letter) -> str:
    """Under its own key and identity, as it came; answers why it cannot be, or nothing. Raises `Unavailable`."""
    value = letter.value
    match letter.added.get("value"):
        case "left out":
            return "since it is too large to be kept as a dead letter"
        case "gzip":
            value = await asyncio.to_thread(gzip.decompress, value or b"")
    try:
        await (await publisher.send(Record(topic.name, letter.key, value, letter.headers)))
    except TooLarge:
        return "since it is larger than the broker takes uncompressed"
    return ""


async def letters_of(cluster: Cluster, name: str) -> AsyncIterator[Letter]:
    """All that are there now, the oldest first."""
    at = TopicPartition(name, 0)
    consumer = AIOKafkaConsumer(**cluster.options(), auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([at])
        end = (await consumer.end_offsets([at]))[at]
        while await consumer.position(at) < end:
            for record in (await consumer.getmany(at, timeout_ms=500)).get(at, ()):
                if record.offset < end:
                    yield letter_of(record)
    finally:
        await consumer.stop()


def letter_of(record: "ConsumerRecord[bytes, bytes]") -> Letter:
    given = [(name, value) for name, value in record.headers if not name.startswith(_ADDED)]
    added = {
        name.removeprefix(_ADDED): value.decode(errors="replace")
        for name, value in record.headers
        if name.startswith(_ADDED)
    }
    unknown = dict.fromkeys(("topic", "partition", "offset", "reason", "detail", "time"), "?")
    return Letter(record.offset, record.key, record.value, given, unknown | added)


@asynccontextmanager
async def _publishing(cluster: Cluster) -> AsyncIterator[Publisher]:
    publisher = KafkaPublisher(cluster, "rebilling-replay")
    await publisher.start()
    try:
        yield publisher
    finally:
        await publisher.stop()


if __name__ == "__main__":
    sys.exit(main())
