"""Keeps the parts of a system alive: starts them in order, starts again what died, ends all in reverse."""

import asyncio
import contextlib
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Final

from embedded.jars import Say
from embedded.part import Part, PartFailed

_LOOK_EVERY_S: Final = 0.1
_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 15.0
_CALM_S: Final = 5.0
"""A part that lived so long has earned a quick restart."""


class Supervisor:
    """`changed` is called whenever a process was replaced by another one; `tell` gets a line for a person then."""

    def __init__(self, *, tell: Say, changed: Callable[[], None]) -> None:
        self._tell, self._changed = tell, changed
        self._groups: list[Sequence[Part]] = []
        self._keeping: list[asyncio.Task[None]] = []

    async def start(self, parts: Sequence[Part], say: Say) -> None:
        """Start these side by side and wait until each is ready; from then on they are kept alive.

        Raises `PartFailed` where one ends or takes too long before it was ready for the first time.
        """
        self._groups.append(parts)
        began = time.monotonic()
        for part in parts:
            part.launch()
        waiting = list(parts)
        while waiting:
            say(f"starting {', '.join(part.name for part in waiting)}")
            waiting = [part for part in waiting if not await asyncio.to_thread(part.ready)]
            for part in waiting:
                if time.monotonic() - began > part.start_limit:
                    raise part.too_slow()
            await asyncio.sleep(_LOOK_EVERY_S)
        self._keeping += [asyncio.create_task(self._keep(part), name=part.name) for part in parts]

    async def _keep(self, part: Part) -> None:
        pause = _FIRST_PAUSE_S
        while True:
            began = time.monotonic()
            while part.alive():  # noqa: ASYNC110 - a process has no event to wait for
                await asyncio.sleep(_LOOK_EVERY_S)
            pause = _FIRST_PAUSE_S if time.monotonic() - began > _CALM_S else min(pause * 2, _LONGEST_PAUSE_S)
            self._tell(f"{part.name} ended ({_how(part)}); starting it again in {pause:.1f} s (its log: {part.log})")
            await asyncio.sleep(pause)
            self._restart(part)
            await self._tell_that_it_is_back(part)

    def _restart(self, part: Part) -> None:
        try:
            part.kill()  # what it may have left behind
            part.launch()
        except (PartFailed, subprocess.TimeoutExpired) as error:
            self._tell(str(error))
        else:
            self._changed()

    async def _tell_that_it_is_back(self, part: Part) -> None:
        with contextlib.suppress(PartFailed):  # it ended again, which is told then
            while not await asyncio.to_thread(part.ready):  # noqa: ASYNC110 - it answers only when it is asked
                await asyncio.sleep(_LOOK_EVERY_S)
            self._tell(f"{part.name} is back")

    async def stop(self, say: Say) -> None:
        """End the groups in reverse order of their start, so that what a part needs is there until it has ended."""
        for task in self._keeping:
            task.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)
        for parts in reversed(self._groups):
            await _end(parts, say)

    def kill(self) -> None:
        for parts in reversed(self._groups):
            for part in parts:
                part.kill()


async def _end(parts: Sequence[Part], say: Say) -> None:
    for part in parts:
        part.ask_to_end()
    began = time.monotonic()
    waiting = list(parts)
    while waiting := [part for part in waiting if part.alive()]:
        say(f"stopping {', '.join(part.name for part in waiting)}")
        for part in waiting:
            if time.monotonic() - began > part.stop_limit:
                part.kill()
        await asyncio.sleep(_LOOK_EVERY_S)
    for part in parts:
        part.kill()  # what it may have started and left behind


def _how(part: Part) -> str:
    code = part.process.returncode if part.process else 0
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
