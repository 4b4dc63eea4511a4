"""A ConnectWise of two companies on each of its hosts."""

import pytest

from .answers import EU, NA, World, company, ok, told


@pytest.fixture(autouse=True)
def _scripted(world: World) -> None:
    for host in (NA, EU, "psa.example"):
        world.says(host, "/login/companyinfo/harbour", told())
        world.says(host, "/companies/statuses", ok([{"id": 1, "inactiveFlag": False}, {"id": 2, "inactiveFlag": True}]))
        world.says(host, "/company/companies", ok([company(1), company(5)]))
