"""A national telephone number is read by the country of its address, and outlives a change of that country."""

import pytest

from psa_sync_svc.domain.account import Address
from psa_sync_svc.domain.fields import Field
from psa_sync_svc.domain.link import Stand

from .meetings import NUMBER, a_world, stands


@pytest.mark.parametrize("looked", [True, False], ids=["looked-at-before", "as-it-was-imported"])
@pytest.mark.parametrize("country", ["Germany", "New Zealand"], ids=["where-it-is-another", "where-it-is-none"])
def test_a_number_that_nobody_touched_stays_the_same_when_the_address_moves_abroad(country: str, looked: bool) -> None:
    world = a_world()
    if looked:
        world.show(world.look())

    world.edit_there(Field.COMPANY_ADDRESS, Address("1 High Street", country=country))
    world.settle_down()
    world.show(world.look())

    assert world.here.company_address is not None
    assert world.here.company_address.line1 == "1 High Street"
    assert world.here.contact_number == "+61895550142"
    assert stands(world) == {Stand.IN_STEP}
    assert world.updates == 0


def test_a_number_that_could_not_be_read_can_be_once_its_country_is_right() -> None:
    world = a_world()
    world.show(world.look())
    world.edit_there(Field.COMPANY_ADDRESS, Address("1 High Street", country="New Zealand"))
    world.edit_there(NUMBER, "(08) 9555 0199")
    world.settle_down()

    world.edit_there(Field.COMPANY_ADDRESS, Address("1 High Street", country="Australia"))
    world.settle_down()

    assert world.here.contact_number == "+61895550199"
    assert stands(world) == {Stand.IN_STEP}


def test_a_country_that_comes_where_there_was_none_says_how_the_number_is_read() -> None:
    world = a_world()
    world.edit_there(Field.COMPANY_ADDRESS, Address("14 Wharf Street"))
    world.edit_there(NUMBER, "08 95 55 01 42")
    world.settle_down()

    world.edit_there(Field.COMPANY_ADDRESS, Address("14 Wharf Street", country="France"))
    world.settle_down()

    assert world.here.contact_number == "+33895550142"
