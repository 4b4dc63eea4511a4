"""What one process holds of a tenant's budget: requests that it may make, and turns at endpoints."""

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import uuid4

from psa_sync_svc.domain.allowance import Terms


class Clock:
    """`ms`: the time of day, which others' clocks are compared with; `now`: seconds that only go on."""

    def ms(self) -> int:
        return int(time.time() * 1000)

    def now(self) -> float:
        return time.monotonic()


@dataclass(slots=True)
class Chunk:
    """Requests that were given until then; `made` of them were made."""

    id: str
    number: int
    until: float
    made: int = 0


class Grants:
    """Of one kind of calls. How many are asked for at a time follows from how fast the last ones were used."""

    def __init__(self, most: int) -> None:
        self._most, self.size = most, 1
        self._chunk: Chunk | None = None
        self.over: dict[str, int] = {}
        """Chunks that are used up or whose time is over, and how many of each were made: yet to be told."""

    def any(self, now: float) -> bool:
        self.end(now)
        return self._chunk is not None

    def use(self, now: float) -> bool:
        """Whether there was one."""
        self.end(now)
        if self._chunk is None:
            return False
        self._chunk.made += 1
        if self._chunk.made == self._chunk.number:
            self.size = min(self._most, self.size * 2)
            self._finish()
        return True

    def put(self, chunk: Chunk) -> None:
        self._finish()
        self._chunk = chunk

    def end(self, now: float) -> None:
        """A chunk whose time is over is given back."""
        if self._chunk is not None and self._chunk.until <= now:
            self.size = max(1, self._chunk.made)
            self._finish()

    def end_all(self) -> None:
        self._finish()

    def _finish(self) -> None:
        if self._chunk is not None:
            self.over[self._chunk.id] = self._chunk.made
        self._chunk = None


@dataclass(slots=True, eq=False)
class Place:
    """A turn at an endpoint that is ours until then: used by one request at a time, one after the other."""

    id: str
    endpoint: str
    interactive: bool
    until: float
    busy: bool = True
    rests_since: float = 0.0


class Places:
    """The turns of all endpoints. `dropped`: those that are yet to be given back."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self.dropped: set[str] = set()

    def resting(self, endpoint: str, now: float, *, interactive: bool) -> Place | None:
        """One that is not in use; a call that a person waits for takes another's too."""
        self.drop(each for each in self._places if not each.busy and each.until <= now)
        free = [each for each in self._places if each.endpoint == endpoint and not each.busy]
        usable = [each for each in free if interactive or not each.interactive]
        return max(usable, key=lambda place: place.interactive == interactive, default=None)

    def new(self, endpoint: str, *, interactive: bool) -> Place:
        """Ours once it was lent."""
        return Place(str(uuid4()), endpoint, interactive, 0.0)

    def keep(self, place: Place, until: float) -> None:
        place.until = until
        if place not in self._places:
            self._places.append(place)

    def drop(self, places: Iterable[Place]) -> None:
        for place in list(places):
            self.dropped.add(place.id)
            if place in self._places:
                self._places.remove(place)

    def drop_resting(self, before: float) -> None:
        """Those that nobody used since then."""
        self.drop(each for each in self._places if not each.busy and each.rests_since <= before)


class Alone:
    """What a process may ask while the store cannot be reached: few, and one at a time, of the share that nobody else
    touches."""

    def __init__(self, terms: Terms) -> None:
        windows = terms.windows
        self._seconds = max((window.seconds for window in windows), default=60.0)
        left = min((window.limit * (1 - terms.interactive) for window in windows), default=100.0)
        self._most = max(1, int(left / 10))
        self._moments: deque[float] = deque()
        self.unrecorded = 0
        self.busy = False

    def enter(self, now: float) -> bool:
        while self._moments and self._moments[0] <= now - self._seconds:
            self._moments.popleft()
        if self.busy or len(self._moments) >= self._most:
            return False
        self._moments.append(now)
        self.unrecorded += 1
        self.busy = True
        return True
