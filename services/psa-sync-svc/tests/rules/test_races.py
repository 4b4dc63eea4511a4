"""What the three-way comparison makes of edits that meet, answers that are lost, and people who change their minds."""

from dataclasses import replace
from typing import Any

import pytest

from psa_sync_svc.domain.account import Address, PsaAccount
from psa_sync_svc.domain.fields import Field
from psa_sync_svc.domain.link import Attempt, Link, Side, Source, Stand
from psa_sync_svc.domain.link_facts import AccountChanged, ConflictFound, ConflictResolved, FieldsPushed, PushFailed
from psa_sync_svc.domain.mirror import Trouble
from psa_sync_svc.domain.noticing import hint
from psa_sync_svc.domain.policy import Policy
from psa_sync_svc.domain.pushing import failed, hold, mark, pushed, refused
from psa_sync_svc.domain.resolving import Choice, Choose, resolve
from psa_sync_svc.domain.undoing import undo
from psa_sync_svc.domain.values import Values
from shared.engine.decision import Problem, Refused

from .world import LINKED, Told, World, values_of

NAME, NUMBER, REFERENCE = Field.COMPANY_NAME, Field.CONTACT_NUMBER, Field.REFERENCE


def a_world(policy: Policy = Policy.REVIEW, *, imported: bool = True, **there: Any) -> World:
    """A customer that was made out of its account, or was linked by hand."""
    here = Values("Wattle", "+61895550142", Address("14 Wharf Street", country="AU"), None)
    account = PsaAccount("4711", "Wattle", "(08) 9555 0142", Address("14 Wharf Street", country="Australia"), None)
    world = World(dict.fromkeys(Field, policy), here, replace(account, **there))
    world.hear(Told(1, here, Source.IMPORT if imported else Source.PORTAL, world.now()))
    return world


def link_of(world: World) -> Link:
    assert world.link is not None
    return world.link


def said(world: World, kind: type) -> list[Any]:
    return [fact for fact in world.said if isinstance(fact, kind)]


def stands(world: World) -> set[Stand]:
    return {link_of(world).state(field).stand for field in Field}


def test_after_an_import_nothing_is_to_be_done_and_nothing_is_said() -> None:
    world = a_world()

    world.show(world.look())

    assert stands(world) == {Stand.IN_STEP}
    assert not link_of(world).due
    assert world.said == []


def test_a_customer_linked_by_hand_is_looked_at_and_only_what_both_have_and_differs_is_for_a_person() -> None:
    world = a_world(imported=False, company_name="Wattle Pty Ltd", reference="AT-1")
    assert link_of(world).look

    world.settle_down()

    assert world.here.reference == "AT-1"
    assert world.apart() == {NAME: Stand.REVIEW}
    assert [fact.review.base for fact in said(world, ConflictFound)] == [None]
    assert world.updates == 0


def test_an_edit_here_goes_there_and_its_echo_says_nothing() -> None:
    world = a_world()
    world.edit_here(NAME, "Tide")
    world.edit_here(NUMBER, None)

    world.settle_down()
    world.show(world.look())

    assert values_of(world.there) == world.here
    assert world.updates == 1
    assert [fact.fields for fact in said(world, FieldsPushed)] == [{NAME: "Tide", NUMBER: None}]
    assert said(world, FieldsPushed)[0].customer_version == 3
    assert said(world, AccountChanged) == []


def test_an_edit_there_comes_here_once_with_what_stood_here() -> None:
    world = a_world()
    world.edit_there(NAME, "Tide")

    world.show(world.look())
    world.show(world.look())

    (changed,) = said(world, AccountChanged)
    assert {name: (told.was, told.to) for name, told in changed.changes.items()} == {NAME: ("Wattle", "Tide")}
    world.settle_down()
    assert world.here.company_name == "Tide"
    assert world.updates == 0


def test_what_was_changed_back_there_before_it_came_here_does_not_return() -> None:
    world = a_world()
    world.edit_there(NAME, "Tide")
    world.show(world.look())
    world.edit_there(NAME, "Wattle")
    world.show(world.look())

    world.settle_down()

    assert (world.here.company_name, world.there.company_name) == ("Wattle", "Wattle")
    assert world.updates == 0


def test_two_edits_there_one_after_the_other_are_no_conflict() -> None:
    world = a_world()
    world.edit_there(NAME, "Tide")
    world.show(world.look())
    world.edit_there(NAME, "Harbour")
    world.show(world.look())

    world.settle_down()

    assert world.here.company_name == "Harbour"
    assert said(world, ConflictFound) == []


@pytest.mark.parametrize(
    ("policy", "name"), [(Policy.PORTAL, "Ours"), (Policy.PSA, "Theirs"), (Policy.NEWEST, "Theirs")]
)
def test_both_at_once_follow_the_policy(policy: Policy, name: str) -> None:
    world = a_world(policy)
    world.edit_here(NAME, "Ours")
    world.edit_there(NAME, "Theirs")

    world.settle_down()

    assert (world.here.company_name, world.there.company_name) == (name, name)


def test_an_edit_here_that_was_under_way_while_ours_was_told_to_change_is_not_overwritten() -> None:
    world = a_world(Policy.PORTAL)
    world.edit_there(NAME, "Theirs")
    world.show(world.look())
    world.edit_here(NAME, "Ours")

    world.settle_down()

    assert (world.here.company_name, world.there.company_name) == ("Ours", "Ours")


def test_a_conflict_holds_its_field_and_no_other_and_is_over_where_both_sides_agree() -> None:
    world = a_world()
    world.edit_here(NAME, "Ours")
    world.edit_here(REFERENCE, "R-1")
    world.edit_there(NAME, "Theirs")
    world.settle_down()
    assert world.apart() == {NAME: Stand.REVIEW}
    assert world.there.reference == "R-1"

    world.edit_there(NAME, "Ours")
    world.settle_down()

    (resolved,) = said(world, ConflictResolved)
    assert (resolved.review.chosen, resolved.review.by) == ("Ours", None)
    assert stands(world) == {Stand.IN_STEP}


def test_a_conflict_whose_values_change_is_the_same_conflict_told_again() -> None:
    world = a_world()
    world.edit_here(NAME, "Ours")
    world.edit_there(NAME, "Theirs")
    world.settle_down()

    world.edit_there(NAME, "Theirs too")
    world.settle_down()

    told = [(fact.review.number, fact.review.ours, fact.review.theirs) for fact in said(world, ConflictFound)]
    assert told == [(1, "Ours", "Theirs"), (1, "Ours", "Theirs too")]


@pytest.mark.parametrize(
    ("choose", "name"), [(Choose.OURS, "Ours"), (Choose.THEIRS, "Theirs"), (Choose.VALUE, "Another")]
)
def test_what_a_person_chooses_goes_to_both_sides(choose: Choose, name: str) -> None:
    world = a_world()
    world.edit_here(NAME, "Ours")
    world.edit_there(NAME, "Theirs")
    world.settle_down()

    choice = Choice(choose, " Another ", "user:ann", world.now())
    world.decided(resolve(link_of(world), 1, choice, world.policies, None))
    world.settle_down()

    assert (world.here.company_name, world.there.company_name) == (name, name)
    assert [(fact.review.chosen, fact.review.by) for fact in said(world, ConflictResolved)] == [(name, "user:ann")]
    origin = link_of(world).state(NAME).origin
    assert origin is not None
    assert (origin.source, origin.by) == (Source.REVIEW, "user:ann")


def test_what_was_chosen_is_not_pushed_before_it_is_here() -> None:
    world = a_world()
    world.edit_here(NAME, "Ours")
    world.edit_there(NAME, "Theirs")
    world.settle_down()

    world.decided(
        resolve(link_of(world), 1, Choice(Choose.VALUE, "New", "user:ann", world.now()), world.policies, None)
    )

    assert link_of(world).to_push == {}
    assert link_of(world).state(NAME).stand is Stand.TAKE


def test_a_choice_that_no_customer_can_have_is_refused_at_its_place() -> None:
    world = a_world(contact_number="ring Ann")
    world.edit_here(NUMBER, "+61895550199")
    world.settle_down()

    def choosing(choose: Choose, value: Any = None) -> str:
        with pytest.raises(Refused) as refused:
            resolve(link_of(world), 1, Choice(choose, value, "user:ann", world.now()), {}, None)
        (problem,) = refused.value.problems
        return f"{problem.pointer} {problem.code}"

    assert choosing(Choose.THEIRS) == "/choose PHONE_INVALID"
    assert choosing(Choose.VALUE, "ring Bob") == "/value PHONE_INVALID"
    assert choosing(Choose.VALUE, Address("1")) == "/value INVALID"


def test_what_cannot_be_taken_over_shows_and_is_overruled_by_a_person_once_and_for_all() -> None:
    world = a_world(contact_number="ring Ann")
    world.show(world.look())
    assert link_of(world).state(NUMBER).stand is Stand.UNREAD
    world.edit_here(NUMBER, "+61895550199")
    world.settle_down()

    world.decided(resolve(link_of(world), 1, Choice(Choose.OURS, None, "user:ann", world.now()), world.policies, None))
    world.settle_down()

    assert world.there.contact_number == "+61895550199"


def test_a_decided_conflict_cannot_be_decided_again() -> None:
    with pytest.raises(Refused, match="CONFLICT_WITH_STATE"):
        resolve(link_of(a_world()), 1, Choice(Choose.OURS, None, "user:ann", ""), {}, None)


def marked(world: World) -> Attempt:
    world.edit_here(NAME, "Tide")
    world.hear_next()
    world.begin()
    assert world.working is not None
    return world.working


def test_an_answer_that_was_lost_is_read_there_and_said_once() -> None:
    world = a_world()
    marked(world)
    world.send()
    world.lose()

    world.settle_down()

    assert world.updates == 1
    assert [fact.fields for fact in said(world, FieldsPushed)] == [{NAME: "Tide"}]
    assert [fact.will_retry for fact in said(world, PushFailed)] == [True]


def test_a_call_that_never_arrived_is_made_again_after_a_look() -> None:
    world = a_world()
    marked(world)
    world.lose()

    world.settle_down()

    assert world.updates == 1
    assert world.there.company_name == "Tide"


def test_a_poll_that_sees_the_old_value_while_a_call_is_on_its_way_settles_nothing() -> None:
    world = a_world()
    marked(world)

    world.show(world.look())

    assert link_of(world).attempt is not None
    world.send()
    world.end()
    assert len(said(world, FieldsPushed)) == 1


def test_an_older_look_that_shows_something_else_is_no_change_but_a_reason_to_look() -> None:
    world = a_world()
    old = world.look()
    marked(world)
    world.send()
    world.end()

    world.show(old)

    assert link_of(world).look
    assert said(world, AccountChanged) == []


def test_what_changed_here_while_a_call_was_under_way_goes_with_the_next() -> None:
    world = a_world()
    marked(world)
    world.edit_here(NAME, "Harbour")
    world.hear_next()
    world.send()
    world.end()

    assert link_of(world).to_push == {NAME: "Harbour"}
    assert [fact.fields for fact in said(world, FieldsPushed)] == [{NAME: "Tide"}]


def test_the_outcome_of_a_call_that_another_worker_took_over_is_looked_at_not_believed() -> None:
    world = a_world()
    attempt = marked(world)
    world.begin()
    later = link_of(world)
    assert later.attempt is not None
    assert later.attempt.number == 2

    decision = pushed(later, attempt, world.policies, world.now())

    assert decision.facts == ()
    assert decision.state.look
    assert decision.state.base == later.base


def test_a_value_of_our_own_that_arrives_after_a_newer_one_is_no_edit_there() -> None:
    world = a_world(Policy.PSA)
    attempt = marked(world)
    world.lose()
    world.edit_here(NAME, "Harbour")
    world.settle_down()
    assert world.there.company_name == "Harbour"

    for name, value in attempt.values.items():
        world.edit_there(name, value)
    world.settle_down()

    assert (world.here.company_name, world.there.company_name) == ("Harbour", "Harbour")
    assert said(world, AccountChanged) == []


def test_what_is_set_there_long_after_a_lost_call_is_somebodys_edit() -> None:
    world = a_world(Policy.PSA)
    marked(world)
    world.lose()
    world.edit_here(NAME, "Harbour")
    world.settle_down()
    world.time += 3_600_000

    world.edit_there(NAME, "Tide")
    world.settle_down()

    assert (world.here.company_name, world.there.company_name) == ("Tide", "Tide")


def test_a_refusal_of_a_call_that_another_worker_took_over_holds_nothing() -> None:
    world = a_world()
    attempt = marked(world)
    world.begin()
    later = link_of(world)

    problem = Problem("/company_name", "REFUSED", "no")
    decision = refused(later, attempt, {NAME: problem}, world.policies, world.now())

    assert decision.state.attempt == later.attempt
    assert decision.state.to_push == later.to_push


def test_what_the_psa_cannot_hold_is_told_once_and_not_tried_again_before_it_is_another_value() -> None:
    world = a_world()
    world.edit_here(NAME, "Too long a name")
    world.edit_here(REFERENCE, "R-1")
    world.hear_next()
    world.hear_next()
    link = link_of(world)
    problem = Problem("/company_name", "TOO_LONG", "at most 5")
    world.decided(hold(link, link.to_push, {NAME: problem}, world.policies, world.now()))

    assert [(fact.code, fact.will_retry) for fact in said(world, PushFailed)] == [("TOO_LONG", False)]
    assert set(link_of(world).to_push) == {REFERENCE}
    world.edit_here(NAME, "Short")
    world.settle_down()
    assert world.there.company_name == "Short"


def test_the_same_trouble_is_told_once_however_often_it_is_tried() -> None:
    world = a_world()
    world.edit_here(NAME, "Tide")
    world.hear_next()
    away, limited = Trouble("UNAVAILABLE", "away", ""), Trouble("RATE_LIMITED", "later", "")

    for trouble in (away, away, limited):
        world.decided(failed(link_of(world), trouble, due_at=world.now()))

    assert [fact.code for fact in said(world, PushFailed)] == ["UNAVAILABLE", "RATE_LIMITED"]
    assert link_of(world).tries == 3


def test_an_account_that_is_gone_is_called_no_more_and_what_waited_is_told() -> None:
    world = a_world()
    world.edit_here(NAME, "Tide")
    world.hear_next()

    world.show(replace(world.look(), account=None))

    assert not link_of(world).due
    assert [(fact.code, fact.will_retry) for fact in said(world, PushFailed)] == [("NOT_FOUND", False)]
    world.decided(hint(link_of(world), LINKED.integration_id, LINKED.account_id))
    assert link_of(world).due
    world.settle_down()
    assert world.there.company_name == "Tide"


def test_a_link_that_ended_pushes_nothing_and_its_conflicts_are_over() -> None:
    world = a_world()
    world.edit_here(NAME, "Ours")
    world.edit_here(REFERENCE, "R-1")
    world.edit_there(NAME, "Theirs")
    world.hear_next()
    world.hear_next()
    world.show(world.look())

    world.hear(Told(9, world.here, Source.PORTAL, world.now()), account=None)

    assert link_of(world).to_push == {}
    assert world.open_conflicts() == {}
    assert mark(link_of(world), {REFERENCE: "R-1"}, world.now()).state.attempt is None


def test_an_undone_sync_gives_both_sides_what_was_before_and_undone_again_what_was_after() -> None:
    world = a_world()
    world.edit_there(NAME, "Tide")
    world.settle_down()
    for name in ("Wattle", "Tide"):
        world.decided(undo(link_of(world), NAME, world.policies, by="user:ann", at=world.now()))
        assert link_of(world).to_push == {}

        world.settle_down()

        assert (world.here.company_name, world.there.company_name) == (name, name)
        state = link_of(world).state(NAME)
        assert state.origin is not None
        assert (state.origin.source, state.origin.by) == (Source.UNDO, "user:ann")
        assert state.last is not None
        assert state.last.to is Side.PSA


def test_what_was_never_synced_or_has_changed_since_cannot_be_undone() -> None:
    world = a_world()
    for _ in range(2):
        with pytest.raises(Refused, match="CONFLICT_WITH_STATE"):
            undo(link_of(world), NAME, world.policies, by="user:ann", at=world.now())
        world.edit_there(NAME, "Tide")
        world.settle_down()
        world.edit_here(NAME, "Harbour")
        world.hear_next()
