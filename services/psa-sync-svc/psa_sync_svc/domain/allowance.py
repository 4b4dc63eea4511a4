"""How often all instances together may ask one tenant of a PSA: so many requests in any window of so many seconds.

An instance takes a few requests at a time, to be made before a time that it names (`Hold`). What is held counts as
made, and what was made counts from the latest moment at which it can have been; both a little longer than the window
(`slack_ms`), since clocks are apart and requests are on their way. So the vendor sees no more in any window of its own.

Times are milliseconds since the epoch, by the clock of whichever instance tells them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import floor

WIDTHS = 60
"""What was made is counted by sixtieths of the shortest window."""


@dataclass(frozen=True, slots=True)
class Window:
    limit: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Terms:
    """What a vendor gives a tenant. No `windows`: it publishes none, and says when it has enough.

    `background`: the share of each limit at which calls that nobody waits for stop; `interactive`: all calls of ours,
    as the rest is for what an instance does that cannot reach the store. `threads`: requests at a time for one
    endpoint. `reading_s`: how often the vendor is asked how much is used, None: it cannot be asked. `request_s`: how
    long a request may take; `clocks_s`: how far clocks may be apart; `wait_s`: longer waits are left to whoever asks.
    """

    windows: tuple[Window, ...] = ()
    threads: int = 3
    background: float = 0.8
    interactive: float = 0.95
    reading_s: float | None = None
    request_s: float = 20.0
    clocks_s: float = 5.0
    wait_s: float = 5.0

    @property
    def slack_ms(self) -> int:
        return int((self.clocks_s + self.request_s) * 1000)

    @property
    def longest_ms(self) -> int:
        return int(max((window.seconds for window in self.windows), default=0.0) * 1000)

    @property
    def width_ms(self) -> int:
        return max(1, int(min((window.seconds for window in self.windows), default=60.0) * 1000 / WIDTHS))

    @property
    def chunk(self) -> int:
        """The most that is taken at a time."""
        return max(1, min((window.limit for window in self.windows), default=1) // 50)

    @property
    def chunk_s(self) -> float:
        """How long it is held; what is left of it then is given back."""
        return min(10.0, min((window.seconds for window in self.windows), default=60.0) / 10)


@dataclass(frozen=True, slots=True)
class Hold:
    """So many requests that one instance may make until then."""

    number: int
    until: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """`made`: how many, by the end of the time in which they were made. `limit`, `others`: what the vendor told at
    `heard_at` of the first window: its limit, and how many others than we had made."""

    held: Mapping[str, Hold] = field(default_factory=dict)
    made: Mapping[int, int] = field(default_factory=dict)
    limit: int | None = None
    others: int = 0
    heard_at: int = 0
    asked_at: int = 0


def take(
    known: Allowance, terms: Terms, now: int, *, id: str, wanted: int, until: int, interactive: bool
) -> tuple[Allowance, int]:
    """Answers how many were given, at most a quarter of what there is, so that others get some too."""
    tidy = _tidied(known, terms, now)
    room = _room(tidy, terms, now, interactive=interactive)
    given = wanted if room is None else max(0, min(wanted, max(1, room // 4), room))
    return (replace(tidy, held={**tidy.held, id: Hold(given, until)}), given) if given else (tidy, 0)


def give_back(known: Allowance, terms: Terms, now: int, *, id: str, made: int) -> Allowance:
    """So many of them were made. Does nothing where another instance has counted them all as made."""
    hold = known.held.get(id)
    if hold is None:
        return known
    kept = {other: each for other, each in known.held.items() if other != id}
    return count(replace(known, held=kept), terms, min(now, hold.until), made)


def count(known: Allowance, terms: Terms, moment: int, number: int) -> Allowance:
    """Requests that were made, the last at this moment."""
    if not number or not terms.windows:
        return known
    end = _end(moment, terms)
    return replace(known, made={**known.made, end: known.made.get(end, 0) + number})


def free_at(known: Allowance, terms: Terms, now: int, *, interactive: bool) -> int:
    """When there is room for one again."""
    return max((_free_in(window, known, terms, now, interactive) for window in terms.windows), default=now)


def hear(known: Allowance, terms: Terms, now: int, *, limit: int | None, used: int | None) -> Allowance:
    """What the vendor told of the first window. What is not surely ours is reckoned to be others'."""
    told = replace(known, limit=known.limit if limit is None else limit)
    if used is None or not terms.windows:
        return told
    start = now - int(terms.windows[0].seconds * 1000)
    ours = sum(number for end, number in known.made.items() if end - terms.width_ms >= start)
    return replace(told, others=max(0, used - ours), heard_at=now)


def wants_reading(known: Allowance, terms: Terms, now: int) -> bool:
    return terms.reading_s is not None and now - known.asked_at > terms.reading_s * 1000


def _tidied(known: Allowance, terms: Terms, now: int) -> Allowance:
    """What is held beyond its time was made, as far as anybody knows; what no window sees any more is forgotten."""
    oldest = now - terms.longest_ms - terms.slack_ms
    tidy = replace(known, held={id: hold for id, hold in known.held.items() if hold.until >= now})
    for hold in known.held.values():
        if hold.until < now:
            tidy = count(tidy, terms, hold.until, hold.number)
    return replace(tidy, made={end: number for end, number in tidy.made.items() if end > oldest})


def _room(known: Allowance, terms: Terms, now: int, *, interactive: bool) -> int | None:
    """None: nothing is counted."""
    rooms = [
        _most(window, known, terms, interactive) - _used(window, known, terms, now) - _others(window, known, terms, now)
        for window in terms.windows
    ]
    return min(rooms) if rooms else None


def _most(window: Window, known: Allowance, terms: Terms, interactive: bool) -> int:
    told = known.limit if known.limit is not None and window is terms.windows[0] else window.limit
    return max(1, floor(min(window.limit, told) * (terms.interactive if interactive else terms.background)))


def _used(window: Window, known: Allowance, terms: Terms, now: int) -> int:
    since = now - int(window.seconds * 1000) - terms.slack_ms
    made = sum(number for end, number in known.made.items() if end > since)
    return made + sum(hold.number for hold in known.held.values() if hold.until > since)


def _others(window: Window, known: Allowance, terms: Terms, now: int) -> int:
    recent = now - known.heard_at < window.seconds * 1000
    return known.others if recent and window is terms.windows[0] else 0


def _free_in(window: Window, known: Allowance, terms: Terms, now: int, interactive: bool) -> int:
    used = _used(window, known, terms, now) + _others(window, known, terms, now)
    missing = used + 1 - _most(window, known, terms, interactive)
    if missing <= 0:
        return now
    span = int(window.seconds * 1000) + terms.slack_ms
    leaving = [(end + span, number) for end, number in known.made.items() if end + span > now]
    leaving += [(_end(hold.until, terms) + span, hold.number) for hold in known.held.values()]
    for moment, number in sorted(leaving):
        missing -= number
        if missing <= 0:
            return moment
    return now + int(window.seconds * 1000 / WIDTHS)


def _end(moment: int, terms: Terms) -> int:
    """The end of the time that it is counted in."""
    return -(-moment // terms.width_ms) * terms.width_ms
