"""What dies is started again, what does not start is told, and the end comes in order."""

import asyncio
from collections.abc import Callable

import pytest

from embedded.part import Part, PartFailed
from ops.supervisor import Supervisor

MakePart = Callable[..., Part]


def _quiet(_: str) -> None: ...


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_so():  # noqa: ASYNC110 - a process tells no event
            await asyncio.sleep(0.02)


async def test_a_killed_part_comes_back_on_its_port_and_that_is_told(make_part: MakePart) -> None:
    told: list[str] = []
    changes: list[int] = []
    part = make_part("customer-svc-1")
    supervisor = Supervisor(tell=told.append, changed=lambda: changes.append(part.pid))
    await supervisor.start([part], _quiet)
    port, pid = part.port, part.pid

    part.kill()
    await _until(lambda: bool(changes))

    assert changes == [part.pid]
    assert part.pid != pid
    assert part.port == port
    assert "customer-svc-1 ended (killed by signal 9); starting it again" in told[0]
    await _until(part.ready)
    await supervisor.stop(_quiet)


async def test_what_keeps_dying_is_started_ever_more_slowly(make_part: MakePart) -> None:
    told: list[str] = []
    part = make_part("hopeless")
    supervisor = Supervisor(tell=told.append, changed=lambda: None)
    await supervisor.start([part], _quiet)
    part.command = ["false"]

    part.kill()
    await _until(lambda: len(told) >= 3)

    pauses = [float(line.split("again in ")[1].split(" s")[0]) for line in told]
    assert pauses == sorted(set(pauses))
    assert "exit code 1" in told[1]
    await supervisor.stop(_quiet)


async def test_a_part_that_does_not_start_is_told_and_the_others_can_still_be_ended(make_part: MakePart) -> None:
    good, bad = make_part("good"), make_part("bad", "raise SystemExit('configuration: no key')")
    supervisor = Supervisor(tell=_quiet, changed=lambda: None)

    with pytest.raises(PartFailed, match="configuration: no key"):
        await supervisor.start([good, bad], _quiet)
    await supervisor.stop(_quiet)

    assert not good.alive()


async def test_the_services_end_before_what_they_need(make_part: MakePart) -> None:
    said: list[str] = []
    slow = "import signal, time\nsignal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.3), exit()))\n"
    broker, service = make_part("broker"), make_part("service")
    service.command = [*service.command[:2], slow + service.command[2], service.command[3]]
    supervisor = Supervisor(tell=_quiet, changed=lambda: None)
    await supervisor.start([broker], _quiet)
    await supervisor.start([service], _quiet)

    def note(text: str) -> None:
        said.append(f"{text}: broker {'lives' if broker.alive() else 'ended'}")

    await supervisor.stop(note)

    assert said[0] == "stopping service: broker lives"
    assert not service.alive()
    assert not broker.alive()
