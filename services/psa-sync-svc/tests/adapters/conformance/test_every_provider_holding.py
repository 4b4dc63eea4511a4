"""What a PSA cannot hold is known before and refused there at its field; an account that there is not is missing."""

import pytest

from psa_sync_svc.domain.account import Address
from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.domain.holding import FieldLimits, length_of, unheld
from psa_sync_svc.workers.psa import (
    FieldsRefused,
    Missing,
)

from .changing import ADDRESS, ALL, NAME, PHONE, REFERENCE, values_of
from .reading import Open, Provider, Simulator, one


def longest(limits: FieldLimits, letter: str, *, more: int = 0) -> dict[Field, FieldValue]:
    """Every text as long as its limit, and so many letters longer."""
    texts = {part: letter * (length // length_of(letter) + more) for part, length in limits.longest.items()}
    parts = {part.partition(".")[2]: text for part, text in texts.items() if "." in part}
    whole = {Field(part): text for part, text in texts.items() if "." not in part}
    return {**whole, ADDRESS: Address(**parts)} if parts else dict(whole)


@pytest.mark.parametrize("letter", ["x", "Ł", "字", "🥐"])
async def test_the_longest_that_is_held_is_taken_whole(opened: Open, account_id: str, letter: str) -> None:
    psa = opened()
    wanted = longest(await psa.limits(), letter)
    assert unheld(wanted, await psa.limits()) == {}

    await psa.update(account_id, wanted)

    found = values_of(await one(psa, account_id))
    assert {field: found[field] for field in wanted} == wanted


async def test_limits_are_told_of_every_text(opened: Open) -> None:
    limits = await opened().limits()

    texts = {"line1", "line2", "city", "region", "postal_code"}
    assert set(limits.longest) == {NAME, PHONE, REFERENCE} | {f"{ADDRESS}.{name}" for name in texts}
    assert NAME in limits.required


async def test_limits_are_asked_for_once_in_a_while(opened: Open, simulator: Simulator) -> None:
    psa = opened()
    first = await psa.limits()
    asked = len(simulator.calls())

    assert await psa.limits() == first
    assert len(simulator.calls()) == asked


@pytest.mark.parametrize("field", Field)
async def test_what_is_too_long_is_known_before_and_refused_there_at_its_field(
    opened: Open, provider: Provider, simulator: Simulator, account_id: str, field: Field
) -> None:
    psa = opened()
    before, limits = await one(psa, account_id), provider.really(await psa.limits())
    value = longest(limits, "x", more=1)[field]
    assert set(unheld({field: value}, limits)) == {field}

    with pytest.raises(FieldsRefused) as told:
        await psa.update(account_id, {field: value})

    assert set(told.value.fields) == {field}
    assert "xx" not in str(told.value)
    assert values_of(await one(psa, account_id)) == values_of(before)


async def test_what_may_not_be_empty_is_known_before_and_refused_there_at_its_field(
    opened: Open, account_id: str
) -> None:
    psa = opened()
    before = await one(psa, account_id)
    for field in [Field(part) for part in (await psa.limits()).required]:
        assert unheld({field: None}, await psa.limits())[field].code == "REQUIRED"

        with pytest.raises(FieldsRefused) as told:
            await psa.update(account_id, {field: None})

        assert set(told.value.fields) == {field}
    assert values_of(await one(psa, account_id)) == values_of(before)


async def test_without_the_field_that_was_refused_the_others_are_changed(opened: Open, account_id: str) -> None:
    psa = opened()
    with pytest.raises(FieldsRefused) as told:
        await psa.update(account_id, {**ALL, NAME: None})

    await psa.update(account_id, {field: value for field, value in ALL.items() if field not in told.value.fields})

    assert values_of(await one(psa, account_id)) == {**ALL, NAME: "Before"}


@pytest.mark.parametrize("account_id", ["", "abc", "-1", "007", "1.0", "../1", "1?a=b", "9" * 20])
async def test_what_is_no_id_is_missing_without_a_call(opened: Open, simulator: Simulator, account_id: str) -> None:
    with pytest.raises(Missing):
        await opened().update(account_id, ALL)

    assert simulator.calls() == []


async def test_an_account_that_there_is_not_is_missing(opened: Open, provider: Provider) -> None:
    with pytest.raises(Missing):
        await opened().update(provider.missing, ALL)


async def test_an_account_that_was_deleted_meanwhile_is_missing(
    opened: Open, provider: Provider, simulator: Simulator
) -> None:
    made = simulator.asks("POST", "/companies", dict(provider.new))
    psa = opened()
    await one(psa, str(made["id"]))

    simulator.asks("DELETE", f"/companies/{made['id']}")

    with pytest.raises(Missing):
        await psa.update(str(made["id"]), {NAME: "After"})


async def test_an_account_that_is_flagged_as_deleted_is_missing(
    opened: Open, provider: Provider, simulator: Simulator, account_id: str
) -> None:
    for flag in provider.flags:
        simulator.edit(account_id, flag)

        with pytest.raises(Missing):
            await opened().update(account_id, {NAME: "After"})
