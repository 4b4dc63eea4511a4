"""Who may ask an endpoint now: so many requests at a time, over all instances, in the order in which they came.

A turn is lent for a while, so that what a process held that died comes back; its holder begins nothing that could last
longer. Whoever waits stands in a line, those before whom a person waits first, and leaves it by not coming again.
"""

from dataclasses import dataclass, replace

from psa_sync_svc.domain.allowance import Terms

WAITS_MS = 3_000
"""Whoever does not look again within this time waits no longer."""


@dataclass(frozen=True, slots=True)
class Turn:
    id: str
    endpoint: str
    owner: str
    until: int
    interactive: bool


@dataclass(frozen=True, slots=True)
class Waiter:
    endpoint: str
    owner: str
    interactive: bool
    since: int
    until: int

    @property
    def place(self) -> tuple[bool, int, str]:
        return not self.interactive, self.since, self.owner


@dataclass(frozen=True, slots=True)
class Turns:
    lent: tuple[Turn, ...] = ()
    line: tuple[Waiter, ...] = ()


def lend(known: Turns, terms: Terms, now: int, wanted: Turn) -> tuple[Turns, bool]:
    """Whether it is given. Those that nobody waits for leave one turn to the others, where there is more than one."""
    tidy = _tidied(known, terms, now)
    ours = _in_line(tidy, wanted) or Waiter(wanted.endpoint, wanted.owner, wanted.interactive, now, 0)
    ahead = [each for each in tidy.line if each.endpoint == wanted.endpoint and each.place < ours.place]
    lent = [each for each in tidy.lent if each.endpoint == wanted.endpoint]
    free = terms.threads - len(lent) > len(ahead)
    if not wanted.interactive:
        slow = [each for each in lent if not each.interactive]
        free = free and max(1, terms.threads - 1) - len(slow) > sum(not each.interactive for each in ahead)
    others = tuple(each for each in tidy.line if each != _in_line(tidy, wanted))
    if free:
        return Turns((*tidy.lent, wanted), others), True
    if ours.until - now > WAITS_MS // 2:  # seen a moment ago: nothing needs to be written
        return known, False
    return Turns(tidy.lent, (*others, replace(ours, until=now + WAITS_MS))), False


def prolong(known: Turns, id: str, until: int) -> tuple[Turns, bool]:
    """False: it was lent to another meanwhile."""
    lent = tuple(replace(each, until=until) if each.id == id else each for each in known.lent)
    return replace(known, lent=lent), any(each.id == id for each in lent)


def give_turns_back(known: Turns, ids: frozenset[str]) -> Turns:
    return replace(known, lent=tuple(each for each in known.lent if each.id not in ids))


def awaited(known: Turns, endpoint: str, owner: str, now: int) -> bool:
    """Whether another instance waits for a turn there."""
    return any(each.endpoint == endpoint and each.owner != owner and each.until >= now for each in known.line)


def _tidied(known: Turns, terms: Terms, now: int) -> Turns:
    clocks = int(terms.clocks_s * 1000)
    return Turns(
        tuple(each for each in known.lent if each.until + clocks >= now),
        tuple(each for each in known.line if each.until >= now),
    )


def _in_line(known: Turns, wanted: Turn) -> Waiter | None:
    sought = (wanted.endpoint, wanted.owner, wanted.interactive)
    return next((each for each in known.line if (each.endpoint, each.owner, each.interactive) == sought), None)
