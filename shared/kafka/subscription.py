"""One row of a service's subscription table: a topic, who handles which message, and how a refusal is answered."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.contracts import topics
from shared.contracts.answers import CommandRejected
from shared.contracts.base import Message
from shared.contracts.base import Problem as ProblemShape
from shared.contracts.topics import Topic
from shared.engine.change import Change, Meta, Outgoing
from shared.engine.decision import Refused

Handler = Callable[[Any, Meta], Iterable[Change[Any, Any]]]
Answer = Callable[[Message | None, Meta, Refused], Outgoing]


def command_rejected(message: Message | None, meta: Meta, refused: Refused) -> Outgoing:
    """The usual answer: everything that was wrong with the command, once and for ever."""
    del message
    errors = tuple(ProblemShape(pointer=p.pointer[:300], code=p.code, detail=p.detail) for p in refused.problems)
    answer = CommandRejected(partner_id=meta.partner_id, command_id=meta.id, command_type=meta.type, errors=errors)
    return Outgoing(topics.ANSWERS.name, meta.id, meta.id, answer)


@dataclass(frozen=True)
class Subscription:
    """`refused` is None on topics of events: a refusal there has nobody to go to, and is a dead letter.

    `whole` makes the refusal of a command whose form is wrong name its values too.
    `gives_way`: nobody waits for it, so it may fall seconds behind the service's other subscriptions.
    """

    topic: Topic
    handlers: Mapping[type[Message], Handler]
    refused: Answer | None = None
    whole: Callable[[type[Message], Mapping[str, Any], Refused], Refused] | None = None
    gives_way: bool = False

    @property
    def answer(self) -> Answer | None:
        return self.refused or (command_rejected if self.topic.commands else None)
