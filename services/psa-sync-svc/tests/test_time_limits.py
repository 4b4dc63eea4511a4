"""A call whose time is over tells of a silent PSA where that owes it an answer, and otherwise it was not asked."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine

import httpx
import pytest

from psa_sync_svc.adapters.call_settings import CallSettings
from psa_sync_svc.adapters.wire import Wire
from psa_sync_svc.adapters.writing import alone
from psa_sync_svc.workers.psa import Away, NotAsked
from psa_sync_svc.workers.time_limits import after_others, in_line, within

URL = "https://psa.example/accounts"
SETTINGS = CallSettings(attempt_limit_s=0.05)
Handler = Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]


async def stand() -> None:
    with in_line():
        await asyncio.Event().wait()


async def silent(_request: httpx.Request) -> httpx.Response:
    await asyncio.Event().wait()
    raise AssertionError


async def prompt(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={})


def wire(handler: Handler, settings: CallSettings = SETTINGS) -> Wire:
    return Wire(httpx.MockTransport(handler), "The PSA", settings)


async def ended(call: Callable[[], Awaitable[object]]) -> type[Exception] | None:
    """What it raises when its time is over."""
    try:
        async with within(0.2):
            await call()
    except (NotAsked, TimeoutError) as error:
        return type(error)
    return None


async def test_in_line_after_an_answer_was_waited_for_in_vain_is_silence() -> None:
    async def call() -> None:
        with pytest.raises(Away):
            await wire(silent).get(URL)
        await stand()

    assert await ended(call) is TimeoutError


async def test_in_line_after_an_answer_came_is_not() -> None:
    async def call() -> None:
        await wire(prompt).get(URL)
        await stand()

    assert await ended(call) is NotAsked


async def test_one_in_line_beside_one_that_is_not_answered_is_silence() -> None:
    patient = SETTINGS.model_copy(update={"attempt_limit_s": 20.0})

    async def call() -> None:
        await asyncio.gather(wire(silent, patient).get(URL), stand())

    assert await ended(call) is TimeoutError


async def test_in_line_for_the_rest_of_a_change_is_not_told_as_nothing_changed() -> None:
    async def call() -> None:
        await wire(prompt).write("POST", URL, headers=(), content=b"{}")
        await stand()

    assert await ended(call) is TimeoutError


async def test_whoever_waits_for_one_that_stands_in_line_was_not_asked_either() -> None:
    lock, turn = asyncio.Lock(), asyncio.Lock()

    async def after() -> None:
        async with after_others(lock):
            await stand()

    async def changed() -> None:
        async with alone(turn, "The PSA", 60.0):
            await stand()

    found = await asyncio.gather(*(ended(call) for call in (after, after, after, changed, changed)))

    assert found == [NotAsked] * 5
    assert not lock.locked()
    assert not turn.locked()
