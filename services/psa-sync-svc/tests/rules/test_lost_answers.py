"""A call whose answer is lost or late: what the PSA shows settles it, never a guess."""

from psa_sync_svc.domain.link import Attempt
from psa_sync_svc.domain.link_facts import AccountChanged, FieldsPushed, PushFailed
from psa_sync_svc.domain.policy import Policy
from psa_sync_svc.domain.pushing import pushed, refused
from psa_sync_svc.domain.undoing import undo
from shared.engine.decision import Problem

from .meetings import NAME, a_world, link_of, said
from .world import World


def marked(world: World) -> Attempt:
    world.edit_here(NAME, "Tide")
    world.hear_next()
    world.begin()
    assert world.working is not None
    return world.working


def sent_and_its_answer_lost(world: World) -> None:
    world.send()
    world.lose()
    world.settle_down()


def name_undone(world: World) -> None:
    world.decided(undo(link_of(world), NAME, world.policies, by="user:ann", at=world.now()))
    world.settle_down()


def test_an_answer_that_was_lost_is_read_there_and_said_once() -> None:
    world = a_world()
    marked(world)

    sent_and_its_answer_lost(world)

    assert world.updates == 1
    assert [fact.fields for fact in said(world, FieldsPushed)] == [{NAME: "Tide"}]
    assert [fact.will_retry for fact in said(world, PushFailed)] == [True]


def test_what_a_call_overwrote_can_be_put_back_though_its_answer_was_lost() -> None:
    """Linked by hand and never alike, so that nothing but the look before the call tells what stood there."""
    world = a_world(Policy.PORTAL, imported=False, company_name="Harbour")
    world.begin()
    sent_and_its_answer_lost(world)

    name_undone(world)

    assert (world.here.company_name, world.there.company_name) == ("Harbour", "Harbour")


def test_of_two_calls_that_sent_the_same_the_newer_knows_what_was_overwritten() -> None:
    world = a_world(Policy.PORTAL)
    marked(world)
    world.lose()
    world.edit_there(NAME, "Harbour")
    world.begin()
    sent_and_its_answer_lost(world)

    name_undone(world)

    assert world.there.company_name == "Harbour"


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
