"""Follow-ups of all requests of one process, carried out together: one batch at a time, of all that wait meanwhile.

Each for itself would load, decide and save what they all need (a partner's counter) against all the others: where the
store is slow, most of that is lost to somebody else's save, and one request may lose for minutes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context

import structlog

from shared.engine.errors import EngineError
from shared.engine.task import Step

CarryOut = Callable[[Sequence[Step]], Awaitable[None]]
Waiting = tuple[Sequence[Step], "asyncio.Future[None]"]

_log = structlog.get_logger(__name__)


class Together:
    """`carry_out` does the steps of one batch. An `EngineError` is told to all whose steps were in it, what nobody
    foresaw only to those whose steps raise it alone."""

    def __init__(self, carry_out: CarryOut) -> None:
        self._carry_out = carry_out
        self._waiting: list[Waiting] = []
        self._running: asyncio.Task[None] | None = None

    async def carried_out(self, steps: Sequence[Step], within_s: float) -> bool:
        """Whether they were by then. They are gone on with after that; raises what kept them from being carried out."""
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        ended.add_done_callback(lambda done: done.exception())  # nobody may wait for it any more
        self._waiting.append((steps, ended))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run(), context=Context())  # it is no one request's
        await asyncio.wait({ended}, timeout=max(0.0, within_s))
        if ended.done():
            ended.result()
        return ended.done()

    async def _run(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            try:
                await self._all(group)
            finally:
                for _, ended in group:
                    if not ended.done():
                        ended.set_result(None)

    async def _all(self, group: Sequence[Waiting]) -> None:
        """What fails as nobody foresaw is found by carrying out each alone; it is no reason to keep the others."""
        try:
            await self._carry_out([step for steps, _ in group for step in steps])
        except Exception as error:  # noqa: BLE001 - it is told to whoever waits
            if len(group) > 1 and not isinstance(error, EngineError):
                _log.warning("carried out one by one", requests=len(group), error=error)
                for each in group:
                    await self._all([each])
                return
            for _, ended in group:
                ended.set_exception(error)
