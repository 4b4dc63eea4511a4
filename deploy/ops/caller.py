"""The services' HTTP as a partner's own program would call it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Final, Self

import httpx

_REQUEST_S: Final = 10.0
_WAIT_S: Final = 30.0
_ASK_EVERY_S: Final = 0.2

Json = dict[str, Any]


class StoryFailed(Exception):  # noqa: N818 - told to a person as it is
    """A step was refused or did not come about in time."""


class Caller:
    """Calls with one partner's token. Every method raises `StoryFailed` where the answer is not the hoped-for one."""

    def __init__(self, token: str) -> None:
        self._client = httpx.AsyncClient(
            timeout=_REQUEST_S, headers={"Authorization": f"Bearer {token}"}, trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def get(self, url: str, **query: str) -> Any:
        return await self._call("GET", url, params=query)

    async def post(self, url: str, body: Mapping[str, Any], *, key: str) -> Json:
        """`key` makes it one effect, however often it is called."""
        found = await self._call("POST", url, json=body, headers={"Idempotency-Key": key})
        return dict(found)

    async def put(self, url: str, body: Mapping[str, Any]) -> Json:
        return dict(await self._call("PUT", url, json=body))

    async def patch(self, url: str, body: Mapping[str, Any]) -> Json:
        return dict(await self._call("PATCH", url, json=body))

    async def _call(self, method: str, url: str, **more: Any) -> Any:
        try:
            answer = await self._client.request(method, url, **more)
        except httpx.HTTPError as error:
            raise StoryFailed(f"{method} {url}: {type(error).__name__}") from error
        if not answer.is_success:
            raise StoryFailed(f"{method} {url}: {answer.status_code} {answer.text[:500]}")
        return answer.json() if answer.content else {}


async def until(what: str, ask: Callable[[], Awaitable[Any]], is_there: Callable[[Any], bool]) -> Any:
    """Ask again and again until it is there. Raises `StoryFailed` after half a minute."""
    end = time.monotonic() + _WAIT_S
    while not is_there(found := await ask()):
        if time.monotonic() > end:
            raise StoryFailed(f"{what} did not come about within {_WAIT_S:.0f} s")
        await asyncio.sleep(_ASK_EVERY_S)
    return found
