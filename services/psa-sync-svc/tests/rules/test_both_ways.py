"""The laws of two-way sync, whatever is edited, seen late, said twice, lost or repeated in between."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from psa_sync_svc.domain.account import Address, PsaAccount
from psa_sync_svc.domain.alike import alike, is_empty
from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.domain.link import Link, Source, Stand
from psa_sync_svc.domain.link_facts import AccountChanged
from psa_sync_svc.domain.policy import Policy
from psa_sync_svc.domain.resolving import Choice, Choose, resolve
from psa_sync_svc.domain.undoing import undo
from psa_sync_svc.domain.values import Values
from shared.engine.decision import Refused

from .world import Told, World, values_of

NAMES = ["Wattle", " Wattle ", "Tide", "Zoë", "Zoe\u0308", "Ø 🐳"]
NUMBERS = [None, "", "+61895550142", "+31207946152"]
ADDRESSES = [
    None,
    Address("14 Wharf Street", country="AU"),
    Address("14 Wharf Street ", "", country="AU"),
    Address("1"),
]
REFERENCES = [None, "", "AT-1", "AT-2"]
CHOICES: dict[Field, list[Any]] = {
    Field.COMPANY_NAME: NAMES,
    Field.CONTACT_NUMBER: NUMBERS,
    Field.COMPANY_ADDRESS: ADDRESSES,
    Field.REFERENCE: REFERENCES,
}
edits = st.sampled_from([(name, value) for name, values in CHOICES.items() for value in values])


class BothWays(RuleBasedStateMachine):
    """`touched`: every value that anybody gave a field, so that nothing else may turn up."""

    world: World
    edits_here: int = 0
    edits_there: int = 0
    lost: int = 0

    @initialize(
        policies=st.fixed_dictionaries({name: st.sampled_from(list(Policy)) for name in Field}),
        values=st.tuples(*(st.sampled_from(CHOICES[name]) for name in Field)),
        others=st.tuples(*(st.sampled_from(CHOICES[name]) for name in Field)),
        imported=st.booleans(),
    )
    def begin(self, policies: Any, values: Any, others: Any, imported: bool) -> None:
        here = Values(*(_ours(value) for value in values))
        there = here if imported else Values(*others)
        account = PsaAccount("4711", there.company_name or "", there.contact_number, there.company_address)
        account = PsaAccount(
            "4711", account.company_name, account.contact_number, account.company_address, there.reference
        )
        self.world = World(policies, here, account)
        self.first = {name: [here[name], there[name]] for name in Field}
        self.touched: dict[Field, list[FieldValue]] = {name: [here[name], there[name]] for name in Field}
        self.edited: set[Field] = set()
        source = Source.IMPORT if imported else Source.PORTAL
        self.imported = imported
        self.world.hear(Told(1, here, source, self.world.now()))

    # people

    @rule(edit=edits)
    def edited_here(self, edit: tuple[Field, FieldValue]) -> None:
        name, value = edit[0], _ours(edit[1])
        self._touch(name, value)
        self.edits_here += 1
        self.world.edit_here(name, value)

    @rule(edit=edits)
    def edited_there(self, edit: tuple[Field, FieldValue]) -> None:
        self._touch(*edit)
        self.edits_there += 1
        self.world.edit_there(*edit)

    @rule(choose=st.sampled_from(list(Choose)), data=st.data())
    def decided(self, choose: Choose, data: st.DataObject) -> None:
        link = self._link()
        open_ones = [each for each in link.reviews if each.open]
        if not open_ones:
            return
        review = data.draw(st.sampled_from(open_ones))
        value = data.draw(st.sampled_from([each for each in CHOICES[review.field] if each]))
        if choose is Choose.VALUE:
            self._touch(review.field, value)
        self.edits_here += 1
        choice = Choice(choose, value, "user:ann", self.world.now())
        self.world.decided(resolve(link, review.number, choice, self.world.policies, None))

    @rule(name=st.sampled_from(list(Field)))
    def undone(self, name: Field) -> None:
        try:
            decision = undo(self._link(), name, self.world.policies, by="user:ann", at=self.world.now())
        except Refused:
            return
        self.edits_here += 1
        self.world.decided(decision)

    # messages

    @rule()
    def event_comes(self) -> None:
        self.world.hear_next()

    @rule(data=st.data())
    @precondition(lambda self: self.world.delivered)
    def event_comes_again(self, data: st.DataObject) -> None:
        self.world.hear(data.draw(st.sampled_from(self.world.delivered)))

    @rule()
    def change_is_taken(self) -> None:
        self.world.take_next()

    # looks

    @rule()
    def looked(self) -> None:
        self.world.looks.append(self.world.look())

    @rule(data=st.data())
    @precondition(lambda self: self.world.looks)
    def look_is_told(self, data: st.DataObject) -> None:
        """Any of them, and perhaps again."""
        self.world.show(data.draw(st.sampled_from(self.world.looks)))

    # the worker, which may die anywhere

    @rule()
    @precondition(lambda self: self.world.working is None)
    def worker_begins(self) -> None:
        self.world.begin()

    @rule()
    @precondition(lambda self: self.world.working is not None)
    def worker_sends_and_hears(self) -> None:
        self.world.send()
        self.world.end()

    @rule(arrived=st.booleans())
    @precondition(lambda self: self.world.working is not None)
    def answer_is_lost(self, arrived: bool) -> None:
        self.lost += 1
        if arrived:
            self.world.send()
        self.world.lose()

    @rule(data=st.data())
    @precondition(lambda self: self.world.link is not None and self.world.link.lost)
    def lost_call_arrives_late(self, data: st.DataObject) -> None:
        attempt = data.draw(st.sampled_from(self._link().lost))
        for name, value in attempt.values.items():
            self.world.edit_there(name, value)
            self.edits_there += 1

    # laws

    @invariant()
    def nothing_turns_up_that_nobody_gave(self) -> None:
        there = values_of(self.world.there)
        for name in Field:
            for value in (self.world.here[name], there[name]):
                assert any(alike(value, each) for each in self.touched[name]), (name, value)

    @invariant()
    def a_name_is_never_lost_here(self) -> None:
        assert not is_empty(self.world.here.company_name)

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self.world.settle_down()
        apart = self.world.apart()
        conflicts = set(self.world.open_conflicts().values())
        assert all(stand is Stand.REVIEW for stand in apart.values()), apart
        assert set(apart) == conflicts
        self._untouched_stay()
        self._no_echo()

    def _untouched_stay(self) -> None:
        """A field that nobody changed, and that was alike, is what it was on both sides."""
        there = values_of(self.world.there)
        for name in set(Field) - self.edited:
            if self.imported or alike(*self.first[name]):
                assert self.world.here[name] == self.first[name][0]
                assert alike(there[name], self.first[name][1])

    def _no_echo(self) -> None:
        """A change is taken to the other side once: what is said or sent is never more than what was changed."""
        told = sum(isinstance(fact, AccountChanged) for fact in self.world.said)
        first = 0 if self.imported else len(Field)
        changes = self.edits_here + self.edits_there + first
        assert told <= changes
        assert self.world.updates <= changes + self.lost

    def _touch(self, name: Field, value: FieldValue) -> None:
        self.edited.add(name)
        self.touched[name].append(value)

    def _link(self) -> Link:
        assert self.world.link is not None
        return self.world.link


def _ours(value: Any) -> Any:
    """customer-svc keeps no blank texts and no spaces around them."""
    return (value.strip() or None) if isinstance(value, str) else value


BothWays.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestBothWays = BothWays.TestCase
