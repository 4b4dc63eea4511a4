"""Carries a batch out. Where it fails as nobody foresaw, its halves are tried, down to the one record that is the
cause: that one goes aside, and its neighbours, which may be other partners', go on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog
from aiokafka import ConsumerRecord

from shared.engine.engine import Engine
from shared.engine.errors import EngineError
from shared.engine.task import Saved, Task
from shared.engine.waiting import Alive, pauses
from shared.kafka.cloudevents import Unreadable, whose
from shared.kafka.sorting import Letter, Sorter

TRIES: Final = 3
"""How often a record that fails by itself is tried before it goes aside."""

MANY: Final = 20
"""So many keys in a row with no success between are rather a bad release than bad records."""
SLOWLY_S: Final = 10.0
"""Before each try of a further one, so that somebody can stop it before much has to be replayed."""

_log = structlog.get_logger(__name__)
Records = Sequence["ConsumerRecord[bytes, bytes]"]


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of records: the tasks that were carried out, what there is to say, and what goes aside."""

    tasks: list[Task] = field(default_factory=list)
    saved: list[Saved] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)

    def __add__(self, other: "Carried") -> "Carried":
        return Carried(self.tasks + other.tasks, self.saved + other.saved, self.letters + other.letters)


class Carrier:
    """Sorts a batch's records and has the engine apply what they ask for."""

    def __init__(self, sorter: Sorter, engine: Engine) -> None:
        self._sorter, self._engine = sorter, engine
        self._failing: set[bytes | None] = set()

    async def carry_out(self, records: Records, alive: Alive) -> Carried:
        """Raises `Abandoned` when the records are no longer ours."""
        try:
            return await self._together(records, alive)
        except EngineError:
            raise
        except Exception:  # noqa: BLE001 - whatever it is, one record may not keep all others waiting
            alone = whose(records[0]) if len(records) == 1 else {}
            _log.exception("a batch failed unexpectedly and is taken apart", records=len(records), **alone)
        if len(records) == 1:
            return await self._alone(records[0], alive)
        half = len(records) // 2
        return await self.carry_out(records[:half], alive) + await self.carry_out(records[half:], alive)

    async def _together(self, records: Records, alive: Alive) -> Carried:
        tasks, letters = self._sorter.sort(records)
        saved = await self._engine.apply(tasks, alive)
        if tasks:
            self._failing.clear()
        return Carried(tasks, saved, letters)

    async def _alone(self, record: "ConsumerRecord[bytes, bytes]", alive: Alive) -> Carried:
        self._failing.add(record.key)
        first = SLOWLY_S if len(self._failing) > MANY else 0.1
        wait, failure = pauses(first, first * 2), ""
        for _ in range(TRIES - 1):
            await wait.sleep()
            try:
                return await self._together([record], alive)
            except EngineError:
                raise
            except Exception as error:  # noqa: BLE001 - as above
                failure = type(error).__name__
        return Carried(letters=[(record, Unreadable("FAILED", f"carrying it out failed each time: {failure}"))])
