"""What a `Psa` promises of trouble: told by what is to be done, and no credential sent or shown where none belongs."""

from typing import Any

import httpx
import pytest

from psa_sync_svc.workers.psa import AuthFailed, Permanent, PsaError, RateLimited, Transient

from .reading import Open, Provider, Simulator, all_of


async def test_each_wrong_credential_fails_it_and_is_not_tried_again(
    opened: Open, provider: Provider, simulator: Simulator
) -> None:
    for name in provider.credentials:
        simulator.asks("DELETE", "/calls")
        psa = opened(credentials={**provider.credentials, name: "somebody-else"})

        with pytest.raises(AuthFailed):
            await psa.check()

        assert len([call for call in simulator.calls() if call["credentials"]]) <= 1


@pytest.mark.parametrize(
    "fault",
    [
        {"status": {"code": 503, "shape": "html", "times": 2}},
        {"status": {"code": 429, "retry_after": "1", "times": 2}},
        {"reset": {"when": "before", "times": 2}},
        {"reset": {"when": "after_commit", "times": 2}},
    ],
)
async def test_what_passes_by_itself_is_waited_out(
    opened: Open, provider: Provider, simulator: Simulator, fault: Any
) -> None:
    [(kind, given)] = fault.items()
    simulator.fails(**{kind: {**given, "endpoint": provider.endpoint}})

    assert await opened().account(provider.known) is not None
    assert len(simulator.calls(provider.endpoint)) == 3


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": {"code": 503, "shape": "empty"}}, Transient),
        ({"status": {"code": 500, "shape": "html"}}, Transient),
        ({"status": {"code": 500}}, Transient),
        ({"status": {"code": 409, "text": "concurrency"}}, Transient),
        ({"status": {"code": 403}}, Permanent),
        ({"status": {"code": 405, "shape": "message"}}, Permanent),
        ({"status": {"code": 401}}, AuthFailed),
        ({"status": {"code": 401, "shape": "html"}}, AuthFailed),
        ({"status": {"code": 429}}, RateLimited),
        ({"status": {"code": 429, "shape": "html"}}, RateLimited),
        ({"broken": {"kind": "html"}}, Transient),
        ({"broken": {"kind": "truncated"}}, Transient),
        ({"broken": {"kind": "other_shape"}}, Permanent),
        ({"reset": {"when": "before"}}, Transient),
    ],
)
async def test_each_failure_is_told_by_what_is_to_be_done(
    opened: Open, provider: Provider, simulator: Simulator, fault: Any, error: type[PsaError]
) -> None:
    [(kind, given)] = fault.items()
    simulator.fails(**{kind: {**given, "endpoint": provider.endpoint}})

    with pytest.raises(error) as told:
        await opened().account(provider.known)

    assert told.type.__mro__.index(error) <= 1
    for name in provider.secrets:
        assert provider.credentials[name] not in str(told.value)
        assert provider.credentials[name] not in repr(told.value.__cause__)


async def test_the_time_that_a_limit_names_is_told(opened: Open, provider: Provider, simulator: Simulator) -> None:
    simulator.fails(status={"code": 429, "retry_after": "120", "endpoint": provider.endpoint})

    with pytest.raises(RateLimited) as told:
        await opened().account(provider.known)

    assert told.value.retry_after_s == 120
    assert len(simulator.calls(provider.endpoint)) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"status": {"code": 500, "shape": "html"}},
        {"broken": {"kind": "truncated"}},
        {"broken": {"kind": "html"}},
        {"reset": {"when": "before"}},
        {"status": {"code": 429, "retry_after": "120"}},
    ],
)
async def test_a_list_that_breaks_off_is_an_error_and_never_a_short_list(
    opened: Open, provider: Provider, simulator: Simulator, fault: Any
) -> None:
    [(kind, given)] = fault.items()
    pages = opened().accounts()
    seen = len(await anext(pages))
    simulator.fails(**{kind: {**given, "endpoint": provider.endpoint}})

    with pytest.raises(Transient):
        await anext(pages)

    assert 0 < seen < provider.accounts


async def test_an_answer_that_does_not_come_ends_in_time(
    opened: Open, provider: Provider, simulator: Simulator
) -> None:
    simulator.fails(slow={"s": 600, "endpoint": provider.endpoint})

    with pytest.raises(Transient, match="in time"):
        await opened(attempt_limit_s=0.2).account(provider.known)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(
    opened: Open, provider: Provider, simulator: Simulator, elsewhere: Any, status: int
) -> None:
    simulator.fails(
        status={"code": status, "shape": "empty", "location": f"{elsewhere.url}/x", "endpoint": provider.endpoint}
    )

    with pytest.raises(Permanent, match="redirect"):
        await opened().account(provider.known)

    assert not elsewhere.was_called()


async def test_an_address_on_another_host_that_an_answer_names_is_not_called(
    opened: Open, provider: Provider, simulator: Simulator, elsewhere: Any
) -> None:
    simulator.fails(broken={"kind": "other_link", "link": f"{elsewhere.url}/next", "endpoint": provider.naming})

    with pytest.raises(Permanent, match="another host"):
        await all_of(opened())

    assert not elsewhere.was_called()


async def test_the_other_host_of_these_tests_would_notice(elsewhere: Any) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=0.5) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.get(elsewhere.url)

    assert elsewhere.was_called()


async def test_no_call_log_holds_a_secret(opened: Open, provider: Provider, simulator: Simulator) -> None:
    await opened().account(provider.known)

    told = repr(simulator.calls())
    assert told != "[]"
    for name in provider.secrets:
        assert provider.credentials[name] not in told
