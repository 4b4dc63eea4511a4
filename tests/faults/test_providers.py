"""What the stories write to a simulated PSA is what the ledger reads there."""

import random
from pathlib import Path
from typing import Any

import pytest

from tests.faults.addresses import any_address, any_number
from tests.faults.ledger.synced import plain_of
from tests.faults.providers import NEW
from tests.providers import OF
from tests.simulated import Running, running


def any_account(rng: random.Random, name: str) -> dict[str, Any]:
    address, number = any_address(rng), any_number(rng)
    return {"company_name": name, "contact_number": number, "company_address": address, "reference": f"R {name}"}


@pytest.mark.parametrize("name", OF)
def test_an_account_is_read_as_it_was_made_and_as_it_was_edited(name: str, tmp_path: Path) -> None:
    provider, rng = OF[name], random.Random(1)
    made, edited = any_account(rng, "one"), any_account(rng, "two")

    with running(Running, name, tmp_path, accounts=1) as simulator:
        id = simulator.asks("POST", "/companies", NEW[name](1) | provider.given(made))["id"]
        first = provider.shown(simulator.asks("GET", f"/companies/{id}"))
        simulator.asks("PATCH", f"/companies/{id}", provider.given(edited))
        second = provider.shown(simulator.asks("GET", f"/companies/{id}"))

    assert (plain_of(first), plain_of(second)) == (made, edited)


@pytest.mark.parametrize("name", OF)
def test_an_account_without_an_address_of_ours_can_be_made(name: str, tmp_path: Path) -> None:
    provider = OF[name]
    fields = provider.given({"company_name": "one", "contact_number": "+31207946001", "reference": "R"})

    with running(Running, name, tmp_path, accounts=1) as simulator:
        made = simulator.asks("POST", "/companies", NEW[name](1) | fields)

    assert provider.shown(made)["company_name"] == "one"
