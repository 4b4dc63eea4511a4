"""The compose files agree with each other: three brokers are one cluster, and three stores the set that the services
are told of. None of it starts anything; the brokers run in `make e2e-faults`, the replica set nowhere here."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pymongo.uri_parser import parse_uri

from ops.system import SERVICES
from shared.store.mongo import MongoStore
from tests.e2e.compose_file import ONE, REPLICA_SET, THREE_BROKERS, brokers, environment, loaded

DEPLOY = Path(__file__).parents[2] / "deploy"


def the_set() -> dict[str, Any]:
    """As the script hands it to the store."""
    script = (DEPLOY / "replica-set.js").read_text()
    found: dict[str, Any] = json.loads(script[script.index("{") : script.index("};") + 1])
    return found


def test_of_one_broker_nothing_is_asked_that_only_several_can_give() -> None:
    assert brokers(ONE) == ["kafka"]
    told = environment("kafka")
    assert told["KAFKA_CONTROLLER_QUORUM_VOTERS"] == "1@kafka:9093"
    assert {value for name, value in told.items() if name.endswith(("REPLICATION_FACTOR", "MIN_ISR"))} == {"1"}


def test_three_brokers_vote_in_one_cluster_and_keep_everything_three_times() -> None:
    names = brokers(THREE_BROKERS)
    told = [environment(name, THREE_BROKERS) for name in names]

    assert names == ["kafka", "kafka-2", "kafka-3"]
    assert [each["KAFKA_NODE_ID"] for each in told] == ["1", "2", "3"]
    voters = ",".join(f"{each['KAFKA_NODE_ID']}@{name}:9093" for name, each in zip(names, told, strict=True))
    for name, each in zip(names, told, strict=True):
        assert each["KAFKA_CONTROLLER_QUORUM_VOTERS"] == voters
        assert each["KAFKA_ADVERTISED_LISTENERS"].startswith(f"PLAINTEXT://{name}:9092,OUTSIDE://127.0.0.1:")
        assert each["KAFKA_MIN_INSYNC_REPLICAS"] == each["KAFKA_TRANSACTION_STATE_LOG_MIN_ISR"] == "2"
        assert {value for name, value in each.items() if name.endswith("REPLICATION_FACTOR")} == {"3"}
    assert len({each["CLUSTER_ID"] for each in told}) == 1
    assert len({each["KAFKA_ADVERTISED_LISTENERS"] for each in told}) == 3


def test_another_cluster_is_known_for_another() -> None:
    """What was handled is remembered by the cluster's id and the offset, and the store may stay when brokers change."""
    assert environment("kafka")["CLUSTER_ID"] != environment("kafka", THREE_BROKERS)["CLUSTER_ID"]


@pytest.mark.parametrize("service", ["topics", *SERVICES])
def test_everybody_is_told_all_brokers(service: str) -> None:
    told = environment(service, THREE_BROKERS)["REBILLING_KAFKA__BOOTSTRAP_SERVERS"]

    assert told.split(",") == [f"{name}:9092" for name in brokers(THREE_BROKERS)]


def test_topics_get_three_replicas_or_none_at_all() -> None:
    assert environment("topics", THREE_BROKERS)["REBILLING_KAFKA__REPLICATION_FACTOR"] == "3"


@pytest.mark.parametrize("service", SERVICES)
def test_the_services_are_told_of_the_set_that_is_made(service: str) -> None:
    uri = environment(service, (*ONE, REPLICA_SET))["REBILLING_MONGODB__URI"]
    made, told = the_set(), parse_uri(uri)

    assert [f"{host}:{port}" for host, port in told["nodelist"]] == [member["host"] for member in made["members"]]
    assert told["options"]["replicaSet"] == made["_id"]


def test_each_member_is_started_as_one_of_the_set() -> None:
    services, made = loaded(REPLICA_SET)["services"], the_set()

    for member in made["members"]:
        assert services[member["host"].removesuffix(":27017")]["command"] == ["mongod", "--replSet", made["_id"]]
    assert [member["_id"] for member in made["members"]] == [0, 1, 2]


async def test_a_write_to_the_set_is_there_once_most_members_have_it_and_is_not_repeated_by_the_driver() -> None:
    """Whatever the address says: our own guards decide about repeats."""
    uri = environment("customer-svc", (*ONE, REPLICA_SET))["REBILLING_MONGODB__URI"]

    with closing(
        MongoStore(f"{uri}&w=1&retryWrites=true&readPreference=secondary&readConcernLevel=local", "x")
    ) as store:
        database = store._database
        client: Any = database.client

        assert database.write_concern.document == {"w": "majority", "j": True}
        assert database.read_preference.name == "Primary"
        assert database.read_concern.level == "majority"
        assert client.options.retry_writes is False
