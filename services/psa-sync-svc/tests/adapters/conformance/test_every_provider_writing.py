"""What a `Psa` promises of changes: what was asked for and no more, in text of every kind and the countries it has."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from psa_sync_svc.domain.account import Address
from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.domain.holding import length_of
from psa_sync_svc.workers.psa import (
    FieldsRefused,
)

from .changing import ADDRESS, ALL, NAME, PHONE, REFERENCE, values_of
from .reading import Open, Provider, Simulator, one


async def test_all_fields_are_changed_at_once(opened: Open, account_id: str) -> None:
    await opened().update(account_id, ALL)

    assert values_of(await one(opened(), account_id)) == ALL


@pytest.mark.parametrize("field", Field)
async def test_what_is_not_named_stays(opened: Open, account_id: str, field: Field) -> None:
    psa = opened()
    before = await one(psa, account_id)

    await psa.update(account_id, {field: ALL[field]})

    after = await one(psa, account_id)
    assert values_of(after) == {**values_of(before), field: ALL[field]}
    assert after.active is before.active


async def test_a_change_has_its_time(opened: Open, account_id: str) -> None:
    psa = opened(overlap_s=2.0)
    before = await one(psa, account_id)

    await psa.update(account_id, {NAME: "After"})

    after = await one(psa, account_id)
    found = [account async for page in psa.accounts(modified_since=after.modified_at) for account in page]
    assert (after.modified_at or "") >= (before.modified_at or "")
    assert after in found


async def test_no_values_are_no_call(opened: Open, simulator: Simulator, account_id: str) -> None:
    await opened().update(account_id, {})

    assert simulator.calls() == []


@pytest.mark.parametrize("nothing", [None, "", " "])
async def test_what_may_be_empty_is_emptied(opened: Open, account_id: str, nothing: str | None) -> None:
    psa = opened()
    await psa.update(account_id, ALL)
    emptied: dict[Field, FieldValue] = {PHONE: nothing, REFERENCE: nothing, ADDRESS: None}
    held = {field: value for field, value in emptied.items() if field not in (await psa.limits()).required}

    await psa.update(account_id, held)

    assert values_of(await one(opened(), account_id)) == {**ALL, **dict.fromkeys(held)}


async def test_an_address_is_replaced_as_a_whole(opened: Open, account_id: str) -> None:
    psa = opened()
    await psa.update(account_id, ALL)

    await psa.update(account_id, {ADDRESS: Address(line2="Floor 3", city="Utrecht")})

    assert (await one(psa, account_id)).company_address == Address(line2="Floor 3", city="Utrecht")


@pytest.mark.parametrize("country", ["NL", "DE", "JP", "GB", "US", "CZ"])
async def test_a_country_goes_there_and_comes_back(opened: Open, account_id: str, country: str) -> None:
    await opened().update(account_id, {ADDRESS: Address(city="Here", country=country)})

    assert (await one(opened(), account_id)).company_address == Address(city="Here", country=country)


async def test_a_country_that_the_psa_writes_in_its_own_way_goes_back_as_it_came(
    opened: Open, provider: Provider, simulator: Simulator, account_id: str
) -> None:
    simulator.edit(account_id, provider.antilles)
    before = (await one(opened(), account_id)).company_address
    assert before is not None
    assert before.country == "Netherlands Antilles"

    await opened().update(account_id, {ADDRESS: replace(before, city="Otrobanda")})

    assert (await one(opened(), account_id)).company_address == replace(before, city="Otrobanda")


async def test_a_country_that_the_psa_does_not_have_is_refused_before_anything_is_sent(
    opened: Open, provider: Provider, simulator: Simulator, account_id: str
) -> None:
    address = Address(city="Kralendijk", country=provider.no_country)

    with pytest.raises(FieldsRefused, match=f"no country {provider.no_country}") as told:
        await opened().update(account_id, {NAME: "After", ADDRESS: address})

    assert set(told.value.fields) == {ADDRESS}
    assert simulator.changes(provider) == []


async def test_changes_at_a_time_wait_for_each_other_and_none_is_lost(
    opened: Open, provider: Provider, simulator: Simulator, account_id: str
) -> None:
    psa = opened()

    await asyncio.gather(*(psa.update(account_id, {field: ALL[field]}) for field in Field))

    assert values_of(await one(psa, account_id)) == ALL
    assert {call["status"] for call in simulator.changes(provider)} <= {200, 201}


HELD = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))
TEXT = st.text(HELD, min_size=1, max_size=10).map(str.strip).filter(lambda text: 0 < length_of(text) <= 10)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=TEXT, city=TEXT, line=TEXT | st.none(), reference=TEXT | st.sampled_from(["", None]))
async def test_text_of_every_kind_goes_there_and_comes_back_as_it_was(
    *, opened: Open, account_id: str, name: str, city: str, line: str | None, reference: str | None
) -> None:
    psa = opened()

    await psa.update(account_id, {NAME: name, ADDRESS: Address(line1=line, city=city), REFERENCE: reference})

    found = await one(psa, account_id)
    assert (found.company_name, found.reference) == (name, reference or None)
    assert found.company_address == Address(line1=line, city=city)
