"""Topics are created by our own command, from the topic table, and never by a client that happens to name one."""

from collections.abc import Iterable

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from shared.contracts.topics import Topic, all_topics
from shared.engine.errors import Unavailable
from shared.engine.waiting import pauses
from shared.kafka.cluster import Cluster

_log = structlog.get_logger(__name__)


async def cluster_id(cluster: Cluster) -> str:
    """Which life of the cluster this is: offsets of another one mean nothing here. Waits for the broker."""
    wait = pauses()
    while True:
        client = AIOKafkaAdminClient(**cluster.options(), request_timeout_ms=10_000)
        try:
            await client.start()
            return str((await client.describe_cluster())["cluster_id"])
        except (KafkaError, OSError) as error:
            _log.warning("waiting for the broker", error=error)
            await wait.sleep()
        finally:
            await client.close()


async def broker_count(cluster: Cluster) -> int:
    """How many brokers there are now. Raises `Unavailable`."""
    client = AIOKafkaAdminClient(**cluster.options(), request_timeout_ms=10_000)
    try:
        await client.start()
        return len((await client.describe_cluster())["brokers"])
    except (KafkaError, OSError) as error:
        raise Unavailable(f"broker: {type(error).__name__}") from error
    finally:
        await client.close()


async def create_topics(cluster: Cluster, *, replication: int = 1, topics: Iterable[Topic] | None = None) -> list[str]:
    """Create what is missing; answers the names of what was created. Raises `Unavailable`.

    Of three replicas two have to have a record before it is confirmed.
    """
    at_least = {"min.insync.replicas": str(max(1, replication - 1))}
    wanted = [
        NewTopic(
            t.name, num_partitions=t.partitions, replication_factor=replication, topic_configs=t.config() | at_least
        )
        for t in topics or all_topics()
    ]
    client = AIOKafkaAdminClient(**cluster.options(), request_timeout_ms=30_000)
    try:
        await client.start()
        answer = await client.create_topics(wanted, timeout_ms=20_000)
    except (KafkaError, OSError) as error:
        raise Unavailable(f"broker: {type(error).__name__}") from error
    finally:
        await client.close()
    created = []
    for name, code, *_ in answer.topic_errors:
        if code == 0:
            created.append(name)
        elif code != TopicAlreadyExistsError.errno:
            raise Unavailable(f"topic {name} could not be created: {for_code(code).__name__}")
    return created
