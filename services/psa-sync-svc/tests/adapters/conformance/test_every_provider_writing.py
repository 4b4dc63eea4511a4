"""What a `Psa` promises of changes: exactly what was asked for, asked once, and never a guess at what became of it."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from psa_sync_svc.domain.account import Address, PsaAccount
from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.domain.holding import FieldLimits, length_of, unheld
from psa_sync_svc.workers.psa import (
    AuthFailed,
    FieldsRefused,
    Missing,
    Permanent,
    Psa,
    PsaError,
    RateLimited,
    Transient,
    Unanswered,
)

Open = Any
Provider = Any
Simulator = Any
NAME, PHONE, ADDRESS, REFERENCE = Field.COMPANY_NAME, Field.CONTACT_NUMBER, Field.COMPANY_ADDRESS, Field.REFERENCE
ALL: Mapping[Field, FieldValue] = {
    NAME: "Łódź & Ø 🥐",
    PHONE: "+48422000002",
    ADDRESS: Address("ul. Lipowa 11", "lok. 7", "Łódź", "łódzkie", "90-418", "PL"),
    REFERENCE: "NW-7",
}


async def one(psa: Psa, account_id: str) -> PsaAccount:
    found = await psa.account(account_id)
    assert found is not None
    return found


def values_of(account: PsaAccount) -> dict[Field, FieldValue]:
    return {field: getattr(account, field) for field in Field}


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


@pytest.mark.parametrize(
    "fault",
    [
        {"reset": {"when": "after_commit"}},
        {"status": {"code": 504, "shape": "html", "applied": True}},
        {"status": {"code": 502, "shape": "empty", "applied": True}},
        {"status": {"code": 408, "shape": "empty", "applied": True}},
        {"status": {"code": 500, "shape": "html", "applied": True}},
        {"broken": {"kind": "html"}},
        {"broken": {"kind": "truncated"}},
        {"broken": {"kind": "other_shape"}},
    ],
)
async def test_a_change_whose_answer_is_lost_may_have_been_made_and_is_not_made_again(
    opened: Open, provider: Provider, simulator: Simulator, account_id: str, fault: Any
) -> None:
    psa = opened()
    simulator.fails_to_change(provider, **fault)

    with pytest.raises(Unanswered):
        await psa.update(account_id, {NAME: "After"})

    assert len(simulator.changes(provider)) == 1
    assert (await one(psa, account_id)).company_name == "After"


@pytest.mark.parametrize("fault", [{"reset": {"when": "before"}}, {"status": {"code": 504, "shape": "html"}}])
async def test_a_change_that_was_not_made_may_have_been_as_far_as_is_known(
    opened: Open, provider: Provider, simulator: Simulator, account_id: str, fault: Any
) -> None:
    psa = opened()
    simulator.fails_to_change(provider, **fault)

    with pytest.raises(Unanswered):
        await psa.update(account_id, {NAME: "After"})

    assert len(simulator.changes(provider)) == 1
    assert (await one(psa, account_id)).company_name == "Before"


async def test_a_change_whose_answer_does_not_come_ends_in_time(
    opened: Open, provider: Provider, simulator: Simulator, account_id: str
) -> None:
    psa = opened(attempt_limit_s=0.5)
    await one(psa, account_id)
    simulator.fails_to_change(provider, slow={"s": 600})

    with pytest.raises(Unanswered):
        await psa.update(account_id, {NAME: "After"})


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": {"code": 429, "retry_after": "120"}}, RateLimited),
        ({"status": {"code": 429, "shape": "html"}}, RateLimited),
        ({"status": {"code": 503, "retry_after": "7"}}, RateLimited),
        ({"status": {"code": 503, "shape": "html"}}, Transient),
        ({"status": {"code": 409, "text": "concurrency"}}, Transient),
        ({"locked": {}}, Transient),
        ({"status": {"code": 401}}, AuthFailed),
        ({"status": {"code": 401, "shape": "html"}}, AuthFailed),
        ({"status": {"code": 403}}, Permanent),
        ({"status": {"code": 405, "shape": "message"}}, Permanent),
    ],
)
async def test_a_change_that_is_refused_is_made_once_and_told_by_what_is_to_be_done(
    *, opened: Open, provider: Provider, simulator: Simulator, account_id: str, fault: Any, error: type[PsaError]
) -> None:
    psa = opened()
    simulator.fails_to_change(provider, **fault)

    with pytest.raises(error) as told:
        await psa.update(account_id, {NAME: "After"})

    assert told.type.__mro__.index(error) <= 1
    assert not isinstance(told.value, Unanswered | FieldsRefused | Missing)
    assert len(simulator.changes(provider)) == (provider.sent_after_401 if error is AuthFailed else 1)
    assert (await one(opened(), account_id)).company_name == "Before"
    for name in provider.secrets:
        assert provider.credentials[name] not in f"{told.value} {told.value.__cause__!r}"


async def test_the_time_that_a_limit_names_is_told_of_a_change_too(
    opened: Open, provider: Provider, simulator: Simulator, account_id: str
) -> None:
    simulator.fails_to_change(provider, status={"code": 429, "retry_after": "120"})

    with pytest.raises(RateLimited) as told:
        await opened().update(account_id, {NAME: "After"})

    assert told.value.retry_after_s == 120


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_change_is_not_sent_where_a_redirect_leads(
    *, opened: Open, provider: Provider, simulator: Simulator, account_id: str, elsewhere: Any, status: int
) -> None:
    location = f"{elsewhere.url}/x"
    simulator.fails_to_change(provider, status={"code": status, "shape": "empty", "location": location})

    with pytest.raises(Permanent, match="redirect"):
        await opened().update(account_id, {NAME: "After"})

    assert not elsewhere.was_called()


async def test_wrong_credentials_change_nothing_and_are_sent_once(
    opened: Open, provider: Provider, simulator: Simulator, account_id: str
) -> None:
    for name in provider.secrets:
        simulator.asks("DELETE", "/calls")

        with pytest.raises(AuthFailed):
            await opened(credentials={**provider.credentials, name: "wrong"}).update(account_id, {NAME: "After"})

        assert len([call for call in simulator.calls() if call["credentials"]]) <= 1
    assert (await one(opened(), account_id)).company_name == "Before"


async def test_changes_at_a_time_wait_for_each_other_and_none_is_lost(
    opened: Open, provider: Provider, simulator: Simulator, account_id: str
) -> None:
    psa = opened()

    await asyncio.gather(*(psa.update(account_id, {field: ALL[field]}) for field in Field))

    assert values_of(await one(psa, account_id)) == ALL
    assert {call["status"] for call in simulator.changes(provider)} <= {200, 201}


@pytest.mark.parametrize(
    "fault",
    [
        {"status": {"code": 401}},
        {"status": {"code": 500, "shape": "html"}},
        {"status": {"code": 302, "shape": "empty", "location": "http://127.0.0.1:9/x"}},
        {"broken": {"kind": "truncated"}},
        {"reset": {"when": "before"}},
    ],
)
async def test_no_log_holds_a_credential_whatever_becomes_of_a_change(
    *,
    opened: Open,
    provider: Provider,
    simulator: Simulator,
    account_id: str,
    fault: Any,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for logger in (None, "httpx", "httpcore"):  # whatever another test has set them to
        caplog.set_level(logging.DEBUG, logger=logger)
    simulator.fails_to_change(provider, **fault)

    with suppress(PsaError):
        await opened().update(account_id, ALL)

    logged = caplog.text + "".join(capsys.readouterr())
    assert "httpx" in logged
    for text in (*(provider.credentials[name] for name in provider.secrets), "Basic ", "Bearer "):
        assert text not in logged


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


FAULTS: tuple[Mapping[str, Any], ...] = (
    {},
    {"locked": {}},
    {"reset": {"when": "before"}},
    {"reset": {"when": "after_commit"}},
    {"broken": {"kind": "truncated"}},
    *({"status": {"code": code, "shape": "html"}} for code in (401, 403, 408, 429, 500, 503)),
    *({"status": {"code": code, "shape": "html", "applied": True}} for code in (408, 500, 502, 504)),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(FAULTS), min_size=1, max_size=6))
async def test_whatever_happens_what_is_told_of_a_change_is_true(
    opened: Open, provider: Provider, simulator: Simulator, account_id: str, steps: list[Mapping[str, Any]]
) -> None:
    """Each change by a client that remembers no refusal of the one before."""
    reader = opened()
    for fault in steps:
        before, wanted = (await one(reader, account_id)).company_name, f"{uuid4()} 🥐"
        simulator.fails_to_change(provider, **fault) if fault else simulator.fails()

        try:
            await opened().update(account_id, {NAME: wanted})
        except PsaError as error:
            possible = {before, wanted} if isinstance(error, Unanswered) else {before}
        else:
            possible = {wanted}

        simulator.fails()
        assert (await one(reader, account_id)).company_name in possible
