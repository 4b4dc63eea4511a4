"""Hands out what may be asked of one tenant: from what this process holds, and otherwise from what all share."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, TypeVar
from uuid import uuid4

import structlog

from psa_sync_svc.adapters.budget.asked import Asked, Given, Settled, give
from psa_sync_svc.adapters.budget.documents import Budget, Budgets, Tenant, block, blocked_ms
from psa_sync_svc.adapters.budget.in_hand import Alone, Chunk, Clock, Grants, Place, Places
from psa_sync_svc.domain.allowance import Terms, hear
from psa_sync_svc.domain.turns import Turn, awaited
from psa_sync_svc.workers.psa import NotAsked, RateLimited
from shared.engine.errors import Unavailable

T = TypeVar("T")
Note = Callable[[Budget], Budget]
TURN_S: Final = 10.0
"""How long a turn is ours beyond the request that it is taken for."""
RESTS_S: Final = 1.0
"""A turn that nobody used for so long is given back."""
STORE_S: Final = 2.0
"""Whoever waits for an answer of the PSA does not wait longer for the store."""
_LOOK_S: Final = (0.05, 0.25)
_BUSY_S: Final = 2.0
_log = structlog.get_logger(__name__)


class Desk:
    """One tenant's, in this process."""

    def __init__(self, tenant: Tenant, terms: Terms, budgets: Budgets, owner: str, clock: Clock) -> None:
        self._tenant, self._terms, self._budgets, self._owner, self._clock = tenant, terms, budgets, owner, clock
        self._grants = {False: Grants(terms.chunk), True: Grants(terms.chunk)}
        self._places, self._alone = Places(), Alone(terms)
        self._taking, self._left = asyncio.Lock(), asyncio.Event()
        self._awaited: dict[str, bool] = {}
        self.wants_reading = False

    async def enter(self, endpoint: str, *, interactive: bool) -> Place | None:
        """None: the store is away, and a person's call goes ahead without it. Raises `RateLimited`, and `NotAsked` for
        other calls then."""
        began = self._clock.now()
        while True:
            try:
                place, pause_s = await self._try(endpoint, interactive=interactive)
            except (Unavailable, TimeoutError):
                self._enter_alone(interactive=interactive)
                return None
            if place is not None:
                return place
            waited = self._clock.now() - began
            if pause_s is None:
                await self._stand_in_line(waited)
            elif waited + pause_s <= self._terms.wait_s:
                await asyncio.sleep(pause_s)
            else:
                raise RateLimited("this tenant's requests are used up for now", pause_s)

    async def leave(self, place: Place | None) -> None:
        """The turn stays ours for the next request, unless another instance waits for it."""
        if place is None:
            self._alone.busy = False
            return
        place.busy, place.rests_since = False, self._clock.now()
        self._left.set()
        if self._awaited.get(place.endpoint):
            self._places.drop([place])
            await self._settle()

    async def block(self, seconds: float) -> None:
        """All instances wait so long. While the store is away, only those learn it that the PSA tells."""
        until = self._clock.ms() + int(seconds * 1000)
        _log.info("rate limited", provider=self._tenant.provider, partner_id=self._tenant.partner_id, seconds=seconds)
        await self._note(lambda budget: block(budget, until, self._owner))

    async def tell(self, limit: int | None, used: int | None) -> None:
        now, terms = self._clock.ms(), self._terms
        await self._note(
            lambda budget: replace(budget, allowance=hear(budget.allowance, terms, now, limit=limit, used=used))
        )

    async def tidy(self, *, at_the_end: bool = False) -> None:
        """Gives back what rests; at the end all that is not in use."""
        now = self._clock.now()
        for grants in self._grants.values():
            grants.end(float("inf") if at_the_end else now)
        self._places.drop_resting(now if at_the_end else now - RESTS_S)
        await self._settle()

    async def _try(self, endpoint: str, *, interactive: bool) -> tuple[Place | None, float | None]:
        """A place, or how long to wait: None for a turn."""
        budget = await _soon(self._budgets.read(self._tenant))
        self._awaited[endpoint] = awaited(budget.turns, endpoint, self._owner, self._clock.ms())
        if wait := blocked_ms(budget, self._clock.ms(), self._owner, self._terms.clocks_s):
            return None, wait / 1000
        if place := self._in_hand(endpoint, interactive=interactive):
            return place, None
        async with self._taking:
            if place := self._in_hand(endpoint, interactive=interactive):
                return place, None
            return await self._take(endpoint, interactive=interactive)

    def _in_hand(self, endpoint: str, *, interactive: bool) -> Place | None:
        """Without the store: a turn that rests, lent for long enough and awaited by nobody, and a request."""
        now = self._clock.now()
        place = self._places.resting(endpoint, now, interactive=interactive)
        if place is None or place.until - now < self._terms.request_s or self._awaited.get(endpoint):
            return None
        if not self._use(now, interactive=interactive):
            return None
        place.busy = True
        return place

    def _kinds(self, *, interactive: bool) -> tuple[Grants, ...]:
        """A person's call takes the other calls' too."""
        return (self._grants[True], self._grants[False]) if interactive else (self._grants[False],)

    def _use(self, now: float, *, interactive: bool) -> bool:
        return not self._terms.windows or any(grants.use(now) for grants in self._kinds(interactive=interactive))

    async def _take(self, endpoint: str, *, interactive: bool) -> tuple[Place | None, float | None]:
        now, terms = self._clock.now(), self._terms
        held_s = terms.request_s + TURN_S
        resting = self._places.resting(endpoint, now, interactive=interactive)
        if resting is not None and self._awaited.get(endpoint):
            self._places.drop([resting])  # to its end of the line
            resting = None
        place = resting or self._places.new(endpoint, interactive=interactive)
        place.busy = True
        needed = bool(terms.windows) and not any(each.any(now) for each in self._kinds(interactive=interactive))
        try:
            given = await self._ask(place, held_s, new=resting is None, interactive=interactive, needed=needed)
        except BaseException:
            self._places.drop([place])
            raise
        self.wants_reading = self.wants_reading or given.reading
        if not given.turn or (needed and not given.requests):
            self._places.drop([place])
            return None, (given.free - self._clock.ms()) / 1000 if given.turn else None
        self._places.keep(place, now + held_s)
        if not self._use(self._clock.now(), interactive=interactive):  # others here were faster
            place.busy = False
            return None, 0.0
        return place, None

    async def _ask(self, place: Place, held_s: float, *, new: bool, interactive: bool, needed: bool) -> Given:
        now, moment, grants = self._clock.now(), self._clock.ms(), self._grants[interactive]
        settled, terms = self._to_settle(), self._terms
        turn = Turn(place.id, place.endpoint, self._owner, moment + int(held_s * 1000), interactive)
        asked = Asked(turn, new, grants.size if needed else 0, str(uuid4()), moment + int(terms.chunk_s * 1000))
        given = await _soon(
            self._budgets.change(
                self._tenant, lambda budget: give(settled.settle(budget, terms, moment), terms, moment, asked)
            )
        )
        self._have_settled(settled)
        if given.requests:
            grants.put(Chunk(asked.hold, given.requests, now + terms.chunk_s))
        return given

    async def _settle(self) -> None:
        async with self._taking:
            if not (settled := self._to_settle()):
                return
            now, terms = self._clock.ms(), self._terms
            if await self._note(lambda budget: settled.settle(budget, terms, now)):
                self._have_settled(settled)

    def _to_settle(self) -> Settled:
        over = {id: made for grants in self._grants.values() for id, made in grants.over.items()}
        return Settled(over, self._alone.unrecorded, frozenset(self._places.dropped))

    def _have_settled(self, settled: Settled) -> None:
        for grants in self._grants.values():
            grants.over = {id: made for id, made in grants.over.items() if id not in settled.over}
        self._alone.unrecorded -= settled.alone
        self._places.dropped -= settled.turns

    async def _note(self, rule: Note) -> bool:
        """False: the store is away."""
        try:
            await _soon(self._budgets.change(self._tenant, lambda budget: (rule(budget), None)))
        except (Unavailable, TimeoutError):
            return False
        return True

    async def _stand_in_line(self, waited: float) -> None:
        """Looked at now and then, since others' turns end elsewhere; at once where one of ours ends."""
        if waited > max(self._terms.request_s, self._terms.wait_s):
            raise RateLimited("too many requests of ours wait for this PSA", _BUSY_S)
        self._left.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(random.uniform(*_LOOK_S)):  # noqa: S311 - spreading load, not a secret
                await self._left.wait()

    def _enter_alone(self, *, interactive: bool) -> None:
        now = self._clock.now()
        if not interactive:
            raise NotAsked("what may be asked of this tenant cannot be looked up for now")
        if not self._alone.enter(now):
            raise RateLimited("what may be asked of this tenant cannot be looked up for now", _BUSY_S)


async def _soon(answer: Awaitable[T]) -> T:
    async with asyncio.timeout(STORE_S):
        return await answer
