"""What the three-way comparison makes of edits that meet."""

import pytest

from psa_sync_svc.domain.link import Stand
from psa_sync_svc.domain.link_facts import AccountChanged, ConflictFound, FieldsPushed
from psa_sync_svc.domain.policy import Policy

from .meetings import NAME, NUMBER, a_world, link_of, said, stands
from .world import values_of


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
