"""`rebilling up`: the whole system on one machine, from its start to its clean end."""

import asyncio
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from embedded.endpoints import write_endpoints
from embedded.part import PartFailed
from ops.caller import StoryFailed
from ops.identity import Identity
from ops.screen import Screen
from ops.story import play
from ops.supervisor import Supervisor
from ops.system import System
from shared.engine.errors import Unavailable
from shared.kafka.admin import create_topics
from shared.kafka.cluster import Cluster

_TOPICS_LIMIT_S: Final = 60.0
_STORY_LIMIT_S: Final = 60.0


@dataclass(frozen=True)
class Run:
    """One run of a system. `token` is empty where tokens come from another issuer."""

    system: System
    identity: Identity
    token: str
    data_dir: Path
    endpoints_file: Path
    empty: bool
    screen: Screen

    def endpoints(self) -> dict[str, object]:
        ours = {"token": self.token, "partner_id": self.identity.partner_id, "data_dir": str(self.data_dir)}
        return {**self.system.endpoints(), **ours}

    @property
    def story_mark(self) -> Path:
        """There once the story was played to its end."""
        return self.data_dir / "story-played"

    def write(self) -> None:
        write_endpoints(self.endpoints_file, self.endpoints())

    def rewrite(self) -> None:
        """A process was replaced: the file names the living ones, once it is there at all."""
        if self.endpoints_file.exists():
            self.write()

    def show(self) -> None:
        where = self.system
        docs = {name: f"{parts[0].url}/docs" for name, parts in where.services.items()}
        mail = {"mail": f"{where.mail}/messages"} if where.mail else {}
        simulators = {f"simulated {name}": url for name, url in where.simulators.items()}
        rows = docs | mail | simulators | {"kafka": where.kafka, "store": where.mongodb}
        self.screen.table(
            "Addresses", rows | {"token and pids": str(self.endpoints_file), "logs": str(self.data_dir / "logs")}
        )
        self.screen.tell("Ctrl-C stops everything; the data stays.")


async def live(run: Run) -> None:
    """Until a signal. Raises `PartFailed` where a part does not come up at the start."""
    run.endpoints_file.unlink(missing_ok=True)
    supervisor = Supervisor(tell=run.screen.tell, changed=run.rewrite)
    asked_to_stop = _signals(supervisor)
    starting = asyncio.create_task(_start(run, supervisor))
    stopping = asyncio.create_task(asked_to_stop.wait())
    try:
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            await stopping
    finally:
        starting.cancel()
        await asyncio.wait({starting})
        run.endpoints_file.unlink(missing_ok=True)
        with run.screen:
            await supervisor.stop(run.screen.say)


def _signals(supervisor: Supervisor) -> asyncio.Event:
    """Set at the first signal; at the second, everything is killed at once."""
    asked = asyncio.Event()

    def ask() -> None:
        if asked.is_set():
            supervisor.kill()
            os._exit(1)
        asked.set()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, ask)
    loop.add_signal_handler(signal.SIGTERM, ask)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as it is under nohup
        loop.add_signal_handler(signal.SIGHUP, ask)
    return asked


async def _start(run: Run, supervisor: Supervisor) -> None:
    began = time.monotonic()
    with run.screen as screen:
        await supervisor.start(run.system.foundations, screen.say)
        await _topics(run)
        await supervisor.start(run.system.service_parts, screen.say)
        screen.tell(f"all parts are ready after {time.monotonic() - began:.1f} s", "bold green")
        if not run.empty:
            await _story(run)
    run.write()
    run.show()


async def _topics(run: Run) -> None:
    run.screen.say("creating the topics")
    until = time.monotonic() + _TOPICS_LIMIT_S
    while True:
        try:
            await create_topics(Cluster(run.system.kafka))
        except Unavailable as error:
            if time.monotonic() > until:
                raise PartFailed(f"the topics could not be created on {run.system.kafka}: {error}") from error
            await asyncio.sleep(0.5)
        else:
            return


async def _story(run: Run) -> None:
    """The sample partner's story is no condition of the system: where it fails, that is told and all goes on."""
    if not run.token:
        run.screen.tell("no sample data: the tokens come from another issuer (REBILLING_AUTH__…)", "yellow")
        return
    if run.story_mark.exists():
        run.screen.tell("the sample partner's data is there from an earlier start")
        return
    try:
        async with asyncio.timeout(_STORY_LIMIT_S):
            await play(run.endpoints(), run.screen)
        run.story_mark.touch()
    except (StoryFailed, TimeoutError) as error:
        run.screen.tell(f"the sample data could not be made: {error or 'it took too long'}", "yellow")
