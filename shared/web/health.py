"""What an orchestrator asks without a token: does the process work, may it get traffic, what has it counted."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Final

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from shared.telemetry import metrics
from shared.telemetry.failures import told

TIME_LIMIT_S: Final = 2.0
_FRESH_S: Final = 0.5
"""So long an answer is given again: whoever asks often, without a token, costs the store nothing."""

Check = Callable[[], Awaitable[None]]
"""Returns where all is well, raises where it is not; the text of our own errors is told."""
Checks = Mapping[str, Check]


class Failing(Exception):  # noqa: N818 - a finding, not a fault of the check
    """A check's finding, in words that may be told to anybody: "no progress on rebilling.psa for 90 s"."""


class Health:
    """Some checks, carried out side by side, each within its time limit, and once for all who ask meanwhile."""

    def __init__(self, checks: Checks) -> None:
        self._checks = dict(checks)
        self._running: asyncio.Future[dict[str, str]] | None = None
        self._found: dict[str, str] = {}
        self._at = -_FRESH_S

    async def found(self) -> dict[str, str]:
        """`ok` or what is wrong, by the check's name."""
        if monotonic() - self._at <= _FRESH_S:
            return self._found
        if self._running is None or self._running.done():
            self._running = asyncio.ensure_future(self._run())
        return await asyncio.shield(self._running)

    async def _run(self) -> dict[str, str]:
        answers = await asyncio.gather(*(_answer(check) for check in self._checks.values()))
        self._found, self._at = dict(zip(self._checks, answers, strict=True)), monotonic()
        return self._found


async def _answer(check: Check) -> str:
    try:
        async with asyncio.timeout(TIME_LIMIT_S):
            await check()
    except TimeoutError:
        return f"no answer within {TIME_LIMIT_S:g} s"
    except Failing as finding:
        return str(finding)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what was asked for
        return told(error)
    return "ok"


def _answer_of(found: Mapping[str, str]) -> Response:
    well = all(answer == "ok" for answer in found.values())
    return JSONResponse({"status": "ok" if well else "failing", "checks": dict(found)}, 200 if well else 503)


def install(app: FastAPI, *, alive: Checks, ready: Checks) -> None:
    """`/healthz` asks `alive`; `/readyz` asks both, and whether the start is over; `/metrics` is Prometheus text."""

    async def started() -> None:
        if not app.state.started:
            raise Failing("starting, or stopping")

    living, serving = Health(alive), Health({"started": started, **alive, **ready})

    async def healthz(_request: Request) -> Response:
        return _answer_of(await living.found())

    async def readyz(_request: Request) -> Response:
        return _answer_of(await serving.found())

    async def counted(_request: Request) -> Response:
        return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE)

    for path, endpoint in (("/healthz", healthz), ("/readyz", readyz), ("/metrics", counted)):
        app.add_route(path, endpoint, methods=["GET"], include_in_schema=False)
