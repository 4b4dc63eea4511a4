"""A customer here, an account there and the link between them, with everything that can come late, twice or never."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from psa_sync_svc.domain.account import PsaAccount, with_field
from psa_sync_svc.domain.alike import alike
from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.domain.knowing import know
from psa_sync_svc.domain.link import Attempt, Link, LinkedAccount, Provenance, Source
from psa_sync_svc.domain.link_facts import AccountChanged, ConflictFound, ConflictResolved, FieldsPushed, LinkFact
from psa_sync_svc.domain.mirror import Trouble
from psa_sync_svc.domain.noticing import Seen, notice
from psa_sync_svc.domain.policy import Policies
from psa_sync_svc.domain.pushing import failed, mark, pushed
from psa_sync_svc.domain.reading import taken
from psa_sync_svc.domain.values import Values
from shared.engine.decision import Decision

INTEGRATION, ACCOUNT = "i", "4711"
LINKED = LinkedAccount(INTEGRATION, ACCOUNT, 1)
_BEGAN = datetime(2026, 7, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Told:
    """One customer event: the whole customer, and who changed it."""

    version: int
    values: Values
    source: Source
    at: str


@dataclass
class World:
    """`events` and `changes` are topics: in order, and whatever was delivered may come again. `looks`: what a poll has
    read and not yet told. `working`: what the worker is about to send, or has sent without hearing."""

    policies: Policies
    here: Values
    there: PsaAccount
    link: Link | None = None
    version: int = 1
    time: int = 0
    there_at: str = ""
    events: deque[Told] = field(default_factory=deque)
    changes: deque[AccountChanged] = field(default_factory=deque)
    delivered: list[Told] = field(default_factory=list)
    taken: list[AccountChanged] = field(default_factory=list)
    looks: list[Seen] = field(default_factory=list)
    working: Attempt | None = None
    said: list[LinkFact] = field(default_factory=list)
    updates: int = 0

    def now(self) -> str:
        self.time += 1
        return (_BEGAN + timedelta(milliseconds=self.time)).isoformat().replace("+00:00", "Z")

    # what people do

    def edit_here(self, field: Field, value: FieldValue, source: Source = Source.PORTAL) -> None:
        if self.here[field] == value:
            return
        self.version += 1
        self.here = self.here.having(field, value)
        self.events.append(Told(self.version, self.here, source, self.now()))

    def edit_there(self, field: Field, value: FieldValue) -> None:
        self.there_at = self.now()
        self.there = replace(with_field(self.there, field, value), modified_at=self.there_at)

    # what comes from here

    def hear(self, event: Told, account: LinkedAccount | None = LINKED) -> None:
        origin = Provenance(event.source, None, event.at)
        told = Link("c", "p", event.version, account, event.values)
        self.decided(know(self.link, told, origin, self.policies, self.now()))

    def hear_next(self) -> None:
        if self.events:
            self.delivered.append(self.events.popleft())
            self.hear(self.delivered[-1])

    def take(self, change: AccountChanged) -> None:
        """customer-svc: each field only where it is still what it was."""
        here, by = self.here, set[Source]()
        for name, told in change.changes.items():
            if alike(self.here[name], told.was) and not alike(told.to, told.was):
                here = here.having(name, told.to)
                by.add(told.source)
        if here != self.here:
            self.version += 1
            self.here = here
            source = Source.PSA if by == {Source.PSA} else Source.PORTAL
            self.events.append(Told(self.version, here, source, self.now()))

    def take_next(self) -> None:
        if self.changes:
            self.taken.append(self.changes.popleft())
            self.take(self.taken[-1])

    # what comes from there

    def look(self) -> Seen:
        return Seen(INTEGRATION, ACCOUNT, self.there, self.now())

    def show(self, seen: Seen) -> None:
        if self.link is not None:
            self.decided(notice(self.link, seen, self.policies, None))

    # what the worker does

    def begin(self) -> None:
        """Reads the account under its lease, and marks what it is about to send."""
        if self.link is None or not self.link.due:
            return
        self.show(replace(self.look(), under_lease=True))
        self.decided(mark(self.link, self.link.to_push, self.now()))
        self.working = self.link.attempt

    def send(self) -> None:
        if self.working is not None:
            self.updates += 1
            self.there_at = self.now()
            account = self.there
            for name, value in self.working.values.items():
                account = with_field(account, name, value)
            self.there = replace(account, modified_at=self.there_at)

    def end(self) -> None:
        if self.working is not None and self.link is not None:
            self.decided(pushed(self.link, self.working, self.policies, self.now()))
        self.working = None

    def lose(self) -> None:
        """The answer, or the process that waited for it."""
        if self.working is not None and self.link is not None:
            at = self.now()
            self.decided(failed(self.link, Trouble("UNAVAILABLE", "no answer", at), due_at=at))
        self.working = None

    def settle_down(self) -> int:
        """Everything that can go on goes on, and nothing new happens; answers how many rounds it took."""
        self.lose()
        for number in range(20):
            before = (self.link, self.here, self.there)
            while self.events:
                self.hear_next()
            while self.looks:
                self.show(self.looks.pop(0))
            self.show(self.look())
            while self.changes:
                self.take_next()
            self.begin()
            self.send()
            self.end()
            if before == (self.link, self.here, self.there) or self._rests(before):
                return number
        raise AssertionError("it never comes to rest")

    def _rests(self, before: tuple[Link | None, Values, PsaAccount]) -> bool:
        """Nothing is on its way, and the last round changed nothing but the time of the last look."""
        link, here, there = before
        if self.link is None or link is None:
            return False
        same = (link.fields, link.base, link.reviews, here, there) == (
            self.link.fields,
            self.link.base,
            self.link.reviews,
            self.here,
            self.there,
        )
        return same and not self.events and not self.changes and not self.link.attempt and not self.link.to_push

    def decided(self, decision: Decision[Link, LinkFact]) -> None:
        self.link = decision.state
        self.said += decision.facts
        self.changes += [fact for fact in decision.facts if isinstance(fact, AccountChanged)]

    # what it came to

    def apart(self) -> dict[Field, Any]:
        """The fields that are not alike, and where the link says that they are."""
        assert self.link is not None
        there = values_of(self.there)
        return {name: self.link.state(name).stand for name in Field if not alike(self.here[name], there[name])}

    def open_conflicts(self) -> dict[int, Field]:
        found: dict[int, Field] = {}
        for fact in self.said:
            if isinstance(fact, ConflictFound):
                found[fact.review.number] = fact.review.field
            if isinstance(fact, ConflictResolved):
                del found[fact.review.number]
        return found

    def pushed(self) -> list[Mapping[Field, FieldValue]]:
        return [fact.fields for fact in self.said if isinstance(fact, FieldsPushed)]


def values_of(account: PsaAccount) -> Values:
    """In our form, as far as they can be taken."""
    return taken(account, None).values
