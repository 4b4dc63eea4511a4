"""What cannot be pushed is told once, a link that ended pushes nothing, and a sync can be undone."""

from dataclasses import replace

import pytest

from psa_sync_svc.domain.link import Side, Source
from psa_sync_svc.domain.link_facts import PushFailed
from psa_sync_svc.domain.mirror import Trouble
from psa_sync_svc.domain.noticing import hint
from psa_sync_svc.domain.pushing import failed, hold, mark
from psa_sync_svc.domain.undoing import undo
from shared.engine.decision import Problem, Refused

from .meetings import NAME, REFERENCE, a_world, link_of, said
from .world import LINKED, Told


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
