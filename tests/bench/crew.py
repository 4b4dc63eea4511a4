"""So many instances of one service as are wanted, started and stopped between the rounds, all of one consumer group."""

from collections.abc import Sequence
from typing import Protocol

from tests.bench.machine import Process, Watched


class Instance(Process, Protocol):
    """One that can be started, which returns when it is ready, and stopped."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


class Crew:
    """The first `begun` of these instances run already."""

    def __init__(self, instances: Sequence[Instance], begun: int) -> None:
        self._instances = instances
        self._at_work = [Watched(each) for each in instances[:begun]]

    def be(self, number: int) -> None:
        for left in self._instances[number : len(self._at_work)]:
            left.stop()
        del self._at_work[number:]
        for new in self._instances[len(self._at_work) : number]:
            new.start()
            self._at_work.append(Watched(new))

    def cpu_s(self) -> float:
        return sum(each.cpu_s() for each in self._at_work)

    async def rest(self) -> None:
        for each in self._at_work:
            await each.rest()
