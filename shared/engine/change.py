"""What a handler asks for: a decision about one document, to be carried out by the engine."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import TypeAdapter

from shared.contracts.base import Message
from shared.engine.decision import Decision
from shared.values.moments import stamp

S = TypeVar("S")
F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Position:
    """Where a record stands: `log` names one topic's one life (cluster id and topic name), so that a topic that was
    made anew starts afresh."""

    log: str
    partition: int
    offset: int


class Cause(NamedTuple):
    """The chain that something belongs to, and the message or request in it that brought it about."""

    correlation_id: str
    causation_id: str
    traceparent: str | None


@dataclass(frozen=True)
class Meta:
    """The envelope of what is being handled: who asks, as what, when, and what caused it.

    `identity` is what makes a repeat recognisable. `time` is when we took it, UTC. `position` is there for what came
    from a command or answer topic; `body` is the hash of an HTTP request's body. `causation_id` is there where another
    message than this one is the cause: a worker's step has the cause of its work.
    """

    partner_id: str
    source: str
    id: str
    type: str
    time: datetime
    actor: str
    correlation_id: str
    traceparent: str | None = None
    position: Position | None = None
    body: bytes | None = None
    causation_id: str | None = None

    @property
    def cause(self) -> Cause:
        """Of what this brings about."""
        return Cause(self.correlation_id, self.causation_id or self.id, self.traceparent)

    @cached_property
    def identity(self) -> str:
        """A partner's id has no `|` and here no source has one, so no two messages share an identity."""
        source = self.source.replace("%", "%25").replace("|", "%7C")
        return f"{self.partner_id}|{source}|{self.id}"

    @cached_property
    def stamp(self) -> str:
        """`time` as RFC 3339 in UTC."""
        return stamp(self.time)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be published: where, under which key, about what."""

    topic: str
    key: str
    subject: str
    message: Message


@dataclass(frozen=True, slots=True)
class Due:
    """Work that a state asks for: an entry in `open_work` while the state lasts. `at`: not before then; None: now.
    `about`: what it depends on outside, such as one partner's PSA; what is slow or away there holds up nothing else."""

    job: str
    customer_id: str
    at: datetime | None = None
    about: str = ""


@dataclass(frozen=True)
class Kind(Generic[S, F]):
    """One kind of aggregate: its collection, the frozen dataclass of its state, and how its facts are told.

    A state with the fields `version`, `created_at` and `updated_at` has them stamped by the engine: `version` is
    raised once per command that changes the state. A rule leaves them alone.
    `tell(fact, state)` makes the published message out of a fact and the state after the command.
    `index(state)` gives derived top-level fields for queries (lower-cased names and the like).
    `work(state)` names the leased work that the state asks for; at most one entry per job.
    `appended`: each document is written once, under an id of its own; so none is looked for before it is written.
    """

    collection: str
    state: type[S]
    tell: Callable[[F, S], Outgoing] | None = None
    index: Callable[[S], Mapping[str, Any]] | None = None
    work: Callable[[S], Iterable[Due]] | None = None
    id_name: str = "id"
    appended: bool = False
    adapter: TypeAdapter[S] = field(init=False, compare=False, repr=False)
    stamped: bool = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "adapter", TypeAdapter(self.state))
        object.__setattr__(self, "stamped", "version" in getattr(self.state, "__dataclass_fields__", {}))

    def __hash__(self) -> int:
        return hash(self.collection)


@dataclass(frozen=True)
class Ref(Generic[S]):
    """Another document that a decision needs to see."""

    kind: "Kind[S, Any]"
    id: str


class Reads:
    """The documents a decision asked to see, as they were loaded with the batch. They are not filtered by partner."""

    def __init__(self, states: Mapping[tuple[str, str], Any]) -> None:
        self._states = states

    def __getitem__(self, ref: Ref[S]) -> S | None:
        return self._states.get((ref.kind.collection, ref.id))


@dataclass(frozen=True)
class Change(Generic[S, F]):
    """Decide about the document `id`; save what was decided once, whatever is repeated.

    `once=False` is for a decision that recognises repeats itself: a projection by version, a worker's mark.
    `creation` keeps the message's identity for ever instead of among the last 64 (creations, payments).
    `first` is carried out and saved before this one is decided, in this one's place in the order of its document, and
    not where this one is a repeat; a refusal of it refuses the message. `otherwise` is carried out after this one was
    refused: it takes back what went before it.
    `then(state)` gives the changes that follow once this one is saved, or was found to be a repeat; they belong to the
    same message, which counts as finished only after them. A refusal in a follow-up refuses the message.
    """

    kind: Kind[S, F]
    id: str
    decide: Callable[[S | None, Reads], Decision[S, F]]
    reads: tuple[Ref[Any], ...] = ()
    once: bool = True
    creation: bool = False
    first: "Change[Any, Any] | None" = None
    otherwise: "Change[Any, Any] | None" = None
    then: "Callable[[S], Iterable[Change[Any, Any]]] | None" = None
    swept: bool = False
