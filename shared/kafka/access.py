"""Who may do what on the brokers: least rights, one principal for each service, worked out from the topic table."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.admin import CreateAclsRequest

from shared.contracts.topics import SERVICES, Topic, all_topics, consumer_group
from shared.engine.errors import Unavailable
from shared.kafka.cluster import Cluster

_LIMIT_MS: Final = 30_000
_ANY_HOST: Final = "*"


class Resource(IntEnum):
    """As Kafka's protocol numbers them, like the other two."""

    TOPIC = 2
    GROUP = 3


class Operation(IntEnum):
    """What a principal may do, as Kafka's protocol numbers it."""

    READ = 3
    WRITE = 4
    DESCRIBE = 8


_LITERAL: Final = 3
_ALLOW: Final = 3


@dataclass(frozen=True, slots=True)
class Grant:
    """`principal` may do `operation` with the one resource of that name."""

    principal: str
    resource: Resource
    name: str
    operation: Operation


def grants(topics: Iterable[Topic] | None = None) -> Iterator[Grant]:
    """A service reads what it listens to, in its own groups, and writes what it says and its own dead letters."""
    table = tuple(topics or all_topics())
    for service in SERVICES:
        principal = f"User:{service}"
        for topic in table:
            operations = _operations(topic, service)
            yield from (Grant(principal, Resource.TOPIC, topic.name, operation) for operation in operations)
            if Operation.READ in operations:
                yield Grant(principal, Resource.GROUP, consumer_group(topic, service), Operation.READ)


def _operations(topic: Topic, service: str) -> tuple[Operation, ...]:
    reads = (Operation.READ,) if service in topic.consumers else ()
    says = topic.said_by(service) or (not topic.messages and service in topic.owners)
    writes = (Operation.WRITE,) if says else ()
    return (*reads, *writes, *((Operation.DESCRIBE,) if reads or writes else ()))


async def grant_all(cluster: Cluster, wanted: Iterable[Grant]) -> int:
    """Answers how many there are; what is there already stays. Raises `Unavailable`, also where the brokers check no
    rights at all."""
    client = AIOKafkaClient(**cluster.options(), request_timeout_ms=_LIMIT_MS)
    try:
        await client.bootstrap()
        return sum([await _grant(client, grant) for grant in wanted])
    except (KafkaError, OSError) as error:
        raise Unavailable(f"broker: {type(error).__name__}") from error
    finally:
        await client.close()


async def _grant(client: AIOKafkaClient, grant: Grant) -> int:
    request = CreateAclsRequest(
        grant.resource, grant.name, _LITERAL, grant.principal, _ANY_HOST, grant.operation, _ALLOW
    )
    answer = await client.send(client.get_random_node(), request)
    for code, message in answer.creation_responses:
        if code:
            raise Unavailable(
                f"{grant.principal} could not be let to {grant.name}: {message or for_code(code).__name__}"
            )
    return 1
