"""A topic of commands, its records, and a consumer's side of Kafka, for tests without a broker."""

import json
from types import SimpleNamespace
from typing import Any

from aiokafka import TopicPartition

from shared.contracts.base import Command
from shared.contracts.topics import Topic
from shared.engine.change import Meta
from shared.kafka.subscription import Subscription
from tests.engine.toys import adding


class Add(Command):
    tally_id: str
    amount: int


ADDS = Topic(name="adds", owners=("test",), carries="", key="", messages=(Add,), commands=True)
PARTITION = TopicPartition("adds", 0)


def handle(add: Add, meta: Meta) -> list[Any]:
    del meta
    if add.amount == 13:
        raise ZeroDivisionError("a bug")
    return [adding(add.tally_id, add.amount)]


SUBSCRIPTION = Subscription(ADDS, {Add: handle})


def a_record(offset: int, tally_id: str, amount: int = 1, *, value: bytes | None = None, partition: int = 0) -> Any:
    told = {"ce_specversion": "1.0", "ce_id": f"m{offset}", "ce_source": "/test", "ce_type": Add.ce_type()}
    data = json.dumps({"partner_id": "p1", "tally_id": tally_id, "amount": amount}).encode()
    return SimpleNamespace(
        topic="adds",
        partition=partition,
        offset=offset,
        key=tally_id.encode(),
        value=data if value is None else value,
        headers=[(name, text.encode()) for name, text in told.items()],
    )
