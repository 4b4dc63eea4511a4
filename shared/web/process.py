"""The life of a service: it answers HTTP at once, waits for what it needs, and is gone within 25 s of the signal."""

import asyncio
import contextlib
import ctypes
import gc
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final

import structlog
from fastapi import FastAPI

from shared.engine.errors import Unavailable
from shared.engine.waiting import pauses
from shared.settings import MISCONFIGURED, HttpSettings, TelemetrySettings, load
from shared.telemetry.logging import configure_logging
from shared.web.server import CannotListen, HttpServer

STOP_S: Final = 23.5
"""For everything to stop: at most 4 s of it for the HTTP server, what is left for the parts."""
HARD_S: Final = 24.3
"""Then the process ends, whatever hangs."""
_ARENA_MAX: Final = -8
"""`M_ARENA_MAX` of glibc's <malloc.h>; another library's mallopt knows no such option and says so."""
HUNG: Final = 70
"""The exit code of a process that did not stop by itself."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """A service put together. `start` raises `Unavailable` while the store or the broker is away, and is called again
    then; `stop` is called once, also when `start` never came through."""

    app: FastAPI
    start: Callable[[], Awaitable[None]]
    stop: Callable[[], Awaitable[None]]


def run(service: str, build: Callable[[], Awaitable[Parts]]) -> None:
    """A service's whole `main()`. `build` reads the settings and puts the parts together; it connects to nothing."""
    http, telemetry = load(HttpSettings), load(TelemetrySettings)
    _few_arenas()
    configure_logging(telemetry.json_lines, service=service, level=telemetry.log_level)
    sys.exit(asyncio.run(_live(build, http)))


async def _live(build: Callable[[], Awaitable[Parts]], http: HttpSettings) -> int:
    try:
        parts = await build()
    except Exception:  # noqa: BLE001 - told without what it held, and the process ends
        _log.exception("the service cannot be put together")
        return 1
    try:
        server = HttpServer(parts.app, http.host, http.port)
    except CannotListen as error:
        sys.stderr.write(f"configuration: {error}\n")
        return MISCONFIGURED
    asked_to_stop = _signals()
    serving = server.start()
    _log.info("listening", url=server.url)
    _log.info("starting", hint="/readyz tells when it is ready, and what it waits for")
    starting = asyncio.create_task(_start(parts), name="start")
    stopping = asyncio.create_task(asked_to_stop.wait(), name="signal")
    try:
        failed = await _until_over(starting, stopping, serving)
    finally:
        _end_hard_in(HARD_S)
        parts.app.state.started = False
        await _stop(parts, server, starting)
    return 1 if failed else 0


async def _start(parts: Parts) -> None:
    """Until it has come through: whatever is away at the start is waited for, and said."""
    wait, began = pauses(0.2, 5.0), monotonic()
    while True:
        try:
            await parts.start()
        except Unavailable as error:
            _log.warning("waiting to start", error=error, seconds=round(monotonic() - began, 1))
            await wait.sleep()
        else:
            break
    parts.app.state.started = True
    _collect_seldom()
    _log.info("started", seconds=round(monotonic() - began, 1))


def _few_arenas() -> None:
    """Where the C library gives each thread a heap of its own, the driver's threads would keep tens of megabytes."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 2)


def _collect_seldom() -> None:
    """What a start has made stays, and a batch's thousands of messages are freed by their counts: looking for cycles
    among them at every 700 new ones stood high in the profile of a busy consumer (docs/decisions/0009)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 20)


async def _until_over(starting: asyncio.Task[None], stopping: asyncio.Task[bool], serving: asyncio.Task[None]) -> bool:
    """Returns at the signal, or when something that may not end has ended; whether that was a failure."""
    watched: set[asyncio.Task[None] | asyncio.Task[bool]] = {starting, stopping, serving}
    while not stopping.done():
        done, _ = await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopping}:
            error = None if task.cancelled() else task.exception()
            if error is not None or task is serving:
                _log.error("cannot go on", part=task.get_name(), exc_info=error)
                stopping.cancel()
                return True
            watched.discard(task)
    return False


async def _stop(parts: Parts, server: HttpServer, starting: asyncio.Task[None]) -> None:
    began = monotonic()
    _log.info("stopping")
    starting.cancel()
    await asyncio.wait({starting})
    await server.stop()
    try:
        async with asyncio.timeout(STOP_S - (monotonic() - began)):
            await parts.stop()
    except TimeoutError:
        _log.error("some parts did not stop in time", seconds=STOP_S)
    except Exception:  # noqa: BLE001 - the process ends either way, and what was unfinished is done again
        _log.exception("stopping failed")
    _log.info("stopped", seconds=round(monotonic() - began, 1))


def _signals() -> asyncio.Event:
    """Set at SIGTERM and SIGINT; a second one ends the process at once."""
    asked = asyncio.Event()

    def ask() -> None:
        if asked.is_set():
            os._exit(HUNG)
        asked.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ask)
    return asked


def _end_hard_in(seconds: float) -> None:
    """From a thread, so that it works also where the event loop hangs."""
    timer = threading.Timer(seconds, os._exit, (HUNG,))
    timer.daemon = True
    timer.start()
