"""A call whose time is over tells of a silent PSA where that owes it an answer; otherwise we were waited for."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine

import httpx
import pytest

from psa_sync_svc.adapters.attempts import Attempts
from psa_sync_svc.adapters.call_settings import CallSettings
from psa_sync_svc.adapters.halopsa.tokens import Tokens
from psa_sync_svc.adapters.wire import Wire
from psa_sync_svc.adapters.writing import alone
from psa_sync_svc.workers.psa import Away, NotAsked, Unanswered
from psa_sync_svc.workers.time_limits import within

URL = "https://psa.example/accounts"
PROMPTLY = CallSettings(attempt_limit_s=20.0)
SOON = CallSettings(attempt_limit_s=0.05)
Handler = Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]


async def stand_in_line() -> None:
    await asyncio.Event().wait()


async def silent(_request: httpx.Request) -> httpx.Response:
    await asyncio.Event().wait()
    raise AssertionError


async def prompt(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={})


def wire(handler: Handler, settings: CallSettings = PROMPTLY) -> Wire:
    return Wire(httpx.MockTransport(handler), "The PSA", settings)


async def ended(call: Callable[[], Awaitable[object]], limit_s: float = 0.2) -> type[Exception] | None:
    """What it raises when its time is over."""
    try:
        async with within(limit_s):
            await call()
    except (NotAsked, TimeoutError) as error:
        return type(error)
    return None


async def test_what_is_under_way_is_owed() -> None:
    assert await ended(lambda: wire(silent).get(URL)) is TimeoutError


async def test_what_got_no_answer_is_owed_while_the_next_attempt_stands_in_line() -> None:
    async def call() -> None:
        with pytest.raises(Away):
            await wire(silent, SOON).get(URL)
        await stand_in_line()

    assert await ended(call) is TimeoutError


async def test_a_gateways_answer_is_none_of_the_psas() -> None:
    calls = 0

    async def once() -> None:
        nonlocal calls
        calls += 1
        if calls > 1:
            await stand_in_line()
        raise Away("HTTP 504")

    assert await ended(lambda: Attempts("The PSA", PROMPTLY).at(once), limit_s=3.0) is TimeoutError
    assert calls == 2


async def test_what_came_to_its_turn_at_the_end_of_its_time_is_not_owed() -> None:
    turn = asyncio.Event()

    async def call() -> None:
        await turn.wait()
        await wire(silent).get(URL)

    asyncio.get_running_loop().call_later(1.9, turn.set)
    assert await ended(call, limit_s=2.0) is NotAsked


async def test_a_change_without_a_clear_answer_is_owed() -> None:
    async def call() -> None:
        with pytest.raises(Unanswered):
            await wire(silent, SOON).write("POST", URL, headers=(), content=b"{}")
        await stand_in_line()

    assert await ended(call) is TimeoutError


async def test_one_that_is_under_way_is_owed_beside_one_that_stands_in_line() -> None:
    async def call() -> None:
        await asyncio.gather(wire(silent).get(URL), stand_in_line())

    assert await ended(call) is TimeoutError


async def test_an_answer_clears_what_was_owed_before() -> None:
    async def call() -> None:
        with pytest.raises(Away):
            await wire(silent, SOON).get(URL)
        await wire(prompt).get(URL)
        await stand_in_line()

    assert await ended(call, limit_s=1.0) is NotAsked


async def test_whoever_waits_for_one_that_stands_in_line_was_not_asked_either() -> None:
    tokens, turn = Tokens(), asyncio.Lock()

    async def logging_in() -> None:
        async def log_in() -> None:
            await stand_in_line()

        await tokens.get(b"owner", log_in)  # type: ignore[arg-type]  # it never comes to a token

    async def changing() -> None:
        async with alone(turn, "The PSA", 60.0):
            await stand_in_line()

    found = await asyncio.gather(*(ended(call) for call in (logging_in, logging_in, changing, changing)))

    assert found == [NotAsked] * 4
    assert not turn.locked()
