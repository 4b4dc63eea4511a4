"""A conflict holds its field until both sides agree or a person has chosen."""

from typing import Any

import pytest

from psa_sync_svc.domain.account import Address
from psa_sync_svc.domain.link import Source, Stand
from psa_sync_svc.domain.link_facts import ConflictFound, ConflictResolved
from psa_sync_svc.domain.resolving import Choice, Choose, resolve
from shared.engine.decision import Refused

from .meetings import NAME, NUMBER, REFERENCE, a_world, link_of, said, stands


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
