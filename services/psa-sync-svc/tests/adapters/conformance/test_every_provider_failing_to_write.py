"""A change is asked for once, and what became of it is never guessed."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from psa_sync_svc.workers.psa import (
    AuthFailed,
    FieldsRefused,
    Missing,
    Permanent,
    PsaError,
    RateLimited,
    Transient,
    Unanswered,
)

from .changing import ALL, NAME
from .reading import Open, Provider, Simulator, one


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
