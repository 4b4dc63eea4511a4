"""Each record of a batch on its own: a task for the engine, a dead letter, or nothing that concerns us."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

from aiokafka import ConsumerRecord

from shared.engine.change import Outgoing
from shared.engine.decision import Refused
from shared.engine.task import Task
from shared.kafka.cloudevents import Received, Unreadable, read
from shared.kafka.subscription import Subscription

Letter = tuple["ConsumerRecord[bytes, bytes]", Unreadable]


class Sorter:
    """By one subscription's table. `log` names the topic's life, for positions."""

    def __init__(self, subscription: Subscription, log: str) -> None:
        self._subscription, self._log = subscription, log

    def sort(self, records: "Sequence[ConsumerRecord[bytes, bytes]]") -> tuple[list[Task], list[Letter]]:
        now = datetime.now(UTC)
        tasks: list[Task] = []
        letters: list[Letter] = []
        for record in records:
            try:
                if (received := read(record, self._subscription.topic, self._log, now)) is not None:
                    tasks.extend(self._task(received))
            except Unreadable as why:
                letters.append((record, why))
        return tasks, letters

    def _task(self, received: Received) -> list[Task]:
        answer = self._subscription.answer
        if received.message is None:
            if answer is None:
                raise Unreadable("BAD_DATA", _codes(received))
            return [self._refused(received, self._whole(received))]
        handler = self._subscription.handlers.get(received.type)
        if handler is None:
            if self._subscription.topic.commands:
                raise Unreadable("UNKNOWN_TYPE", "this service does not take commands of this type")
            return []
        try:
            changes = list(handler(received.message, received.meta))
        except Refused as refused:
            return [self._refused(received, refused)]
        return [Task(received.meta, changes, self._answer_for(received))]

    def _whole(self, received: Received) -> Refused:
        refused, whole = received.refused or Refused(), self._subscription.whole
        if whole is None or received.data is None:
            return refused
        return whole(received.type, received.data, refused)

    def _refused(self, received: Received, refused: Refused) -> Task:
        return Task(received.meta, (), self._answer_for(received), refused)

    def _answer_for(self, received: Received) -> Callable[[Refused], Outgoing] | None:
        answer = self._subscription.answer
        return partial(answer, received.message, received.meta) if answer is not None else None


def _codes(received: Received) -> str:
    return "; ".join(f"{p.pointer} {p.code}" for p in (received.refused or Refused()).problems)
