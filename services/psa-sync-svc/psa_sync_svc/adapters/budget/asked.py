"""What a process asks of a tenant's budget in one write: what it gives back, a turn, and some requests."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from psa_sync_svc.adapters.budget.documents import Budget
from psa_sync_svc.domain.allowance import Terms, count, free_at, give_back, take, wants_reading
from psa_sync_svc.domain.turns import Turn, give_turns_back, lend, prolong


@dataclass(frozen=True, slots=True)
class Settled:
    """What is given back: `over`, chunks of requests and how many of each were made; `alone`: those that were made
    while the store was away; `turns`: by their ids."""

    over: Mapping[str, int] = field(default_factory=dict)
    alone: int = 0
    turns: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.over or self.alone or self.turns)

    def settle(self, budget: Budget, terms: Terms, now: int) -> Budget:
        allowance = count(budget.allowance, terms, now, self.alone)
        for id, made in self.over.items():
            allowance = give_back(allowance, terms, now, id=id, made=made)
        return replace(budget, allowance=allowance, turns=give_turns_back(budget.turns, self.turns))


@dataclass(frozen=True, slots=True)
class Asked:
    """`new`: the turn is not ours yet. `wanted`: how many requests, under the id `hold` and until then; 0: none are
    needed."""

    turn: Turn
    new: bool
    wanted: int
    hold: str
    hold_until: int


@dataclass(frozen=True, slots=True)
class Given:
    """`free`: when there may be a request, where none was given. `reading`: the vendor is to be asked by us how much is
    used."""

    turn: bool
    requests: int
    free: int
    reading: bool = False


def give(budget: Budget, terms: Terms, now: int, asked: Asked) -> tuple[Budget, Given]:
    """No requests without the turn, and no turn without them."""
    turn = asked.turn
    turns, lent = lend(budget.turns, terms, now, turn) if asked.new else prolong(budget.turns, turn.id, turn.until)
    if not lent:
        return replace(budget, turns=turns), Given(turn=False, requests=0, free=now)
    allowance, number = budget.allowance, 0
    if asked.wanted:
        allowance, number = take(
            allowance,
            terms,
            now,
            id=asked.hold,
            wanted=asked.wanted,
            until=asked.hold_until,
            interactive=turn.interactive,
        )
        if not number:
            free = free_at(allowance, terms, now, interactive=turn.interactive)
            turns = give_turns_back(turns, frozenset({turn.id}))
            return replace(budget, allowance=allowance, turns=turns), Given(turn=True, requests=0, free=free)
    reading = wants_reading(allowance, terms, now)
    allowance = replace(allowance, asked_at=now) if reading else allowance
    return replace(budget, allowance=allowance, turns=turns), Given(True, number, now, reading)
