"""How an integration with linked customers is polled: up to which moment everything was seen, and when to look next."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from psa_sync_svc.domain.mirror import Mirror, Trouble
from shared.engine.decision import Decision

_NONSENSE: Final = timedelta(days=1)
"""A stamp that is further ahead of our clock is a mistake in the record, and says nothing of the PSA's clock."""
_BEFORE_ANY_STAMP: Final = timedelta(days=1)
"""No two clocks differ by more: so much before a reading began is a safe watermark where no record has a stamp."""

_RESTS: Final = 4
"""Times as long as the last poll took: a fifth of the time is spent on polling at the most."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often is polled: soon after changes, seldom where it is quiet, and not sooner than `hinted` after the last
    poll where a webhook asks for it."""

    fastest: timedelta
    slowest: timedelta
    hinted: timedelta


@dataclass(frozen=True, slots=True)
class Watch:
    """One integration. `watching` False: nothing is polled, since nobody is linked or it may not be called.

    `watermark`: the PSA's own time up to which all changes were seen, under this `connection` of the integration.
    `rests_until`: not before then, whoever asks, since the last poll took long.
    `wanted` counts who asked for a look before its time, and `served` the last of them that was answered. `linked`:
    somebody was when it was last looked at. `hinted`: a webhook asked, which is answered also where nobody is linked.
    """

    integration_id: str
    partner_id: str
    watching: bool = False
    connection: int = 0
    watermark: str | None = None
    wanted: int = 0
    served: int = 0
    linked: bool = False
    hinted: bool = False
    pause_s: float = 0.0
    tries: int = 0
    due_at: str | None = None
    polled_at: str | None = None
    rests_until: str | None = None
    trouble: Trouble | None = None

    def seen_until(self, connection: int) -> str | None:
        """What was learnt under another connection may be of another PSA."""
        return self.watermark if self.connection == connection else None


@dataclass(frozen=True, slots=True)
class Polled:
    """A poll that went through to its last page. `changed`: it met what the mirror did not have. `took_s`: how long it
    was under way."""

    wish: int
    connection: int
    began_at: str
    watermark: str
    changed: bool
    linked: bool
    took_s: float = 0.0


def look(known: Watch | None, fresh: Watch, connection: int) -> Decision[Watch, object]:
    """At once: for a new connection, or one that works again. Does nothing where this one is polled already."""
    watch = known or fresh
    if watch.watching and watch.connection >= connection:
        return Decision(watch)
    return Decision(_asked_for(watch))


def start(known: Watch | None, fresh: Watch) -> Decision[Watch, object]:
    """A customer is linked with an account of it. Where that is known already there is nothing to do; where it is not,
    somebody may be about to stop, and has to hear of it."""
    if known is not None and known.watching and known.linked:
        return Decision(known)
    return Decision(_asked_for(known or fresh))


def hint(known: Watch | None, fresh: Watch, pace: Pace) -> Decision[Watch, object]:
    """A webhook told of an account that nobody is linked with: soon, but a storm of them is one poll every so often."""
    watch = known or fresh
    times = [_plus(watch.polled_at, pace.hinted) if watch.polled_at else None, watch.rests_until]
    soon = max((time for time in times if time is not None), default=None)
    if watch.tries and watch.due_at is not None:
        soon = watch.due_at  # the PSA asked for this pause, or is away
    return Decision(replace(watch, watching=True, hinted=True, wanted=watch.wanted + 1, due_at=soon))


def polled(known: Watch, seen: Polled, pace: Pace, *, now: str) -> Decision[Watch, object]:
    """The watermark never goes back under one connection: another reading may have been further on. What takes long,
    as where a PSA cannot list changes only, is done less often, so that most of what may be asked there is left."""
    before = known.seen_until(seen.connection)
    watermark = max(before, seen.watermark) if before else seen.watermark
    pause = pace.fastest if seen.changed or not known.pause_s else timedelta(seconds=known.pause_s) * 2
    pause = min(pause, pace.slowest)
    asked_again = known.wanted > seen.wish
    rest = timedelta(seconds=seen.took_s) * _RESTS
    return Decision(
        replace(
            known,
            linked=seen.linked,
            hinted=known.hinted and asked_again,
            connection=seen.connection,
            watermark=watermark,
            served=max(known.served, seen.wish),
            pause_s=pause.total_seconds(),
            tries=0,
            due_at=_plus(now, max(pace.hinted if asked_again else pause, rest)),
            polled_at=seen.began_at,
            rests_until=_plus(now, rest),
            trouble=None,
        )
    )


def try_again(known: Watch, wish: int, trouble: Trouble, *, at: str) -> Decision[Watch, object]:
    """A later look may be at another address: this trouble is not its."""
    if known.wanted > wish:
        return Decision(known)
    return Decision(replace(known, tries=known.tries + 1, due_at=at, trouble=trouble))


def wait_for_list(known: Watch, wish: int, *, at: str) -> Decision[Watch, object]:
    """The list has to be read whole first: before that nobody knows from which moment on."""
    return Decision(known if known.wanted > wish else replace(known, due_at=at))


def nobody_linked(known: Watch, wish: int, *, at: str) -> Decision[Watch, object]:
    """First it is said, so that whoever is linked from then on is heard of (`start`); looked at again, it rests."""
    if known.wanted > wish:
        return Decision(known)
    return Decision(replace(known, linked=False, due_at=at)) if known.linked else rest(known, wish, None)


def rest(known: Watch, wish: int, trouble: Trouble | None) -> Decision[Watch, object]:
    """Until somebody is linked with it, or it is edited or tested."""
    if known.wanted > wish:
        return Decision(known)
    return Decision(
        replace(
            known,
            watching=False,
            linked=False,
            hinted=False,
            served=max(known.served, wish),
            tries=0,
            due_at=None,
            trouble=trouble,
        )
    )


def safe_watermark(newest: str | None, *, began_at: str, took: timedelta) -> str:
    """Up to when a reading saw everything, by the PSA's clock, of which only stamps are known.

    The newest stamp is not later than the reading's end there, so less its length it is not later than its beginning:
    what was changed while it went on is asked for again. A PSA's clock that is ahead of ours is taken back to ours.
    """
    began = datetime.fromisoformat(began_at)
    if newest is None:
        return _written(began - _BEFORE_ANY_STAMP)
    return _written(min(datetime.fromisoformat(newest), began + took) - took)


def newest_of(stamps: Iterable[str | None], *, now: str) -> str | None:
    """Of the PSA's stamps (RFC 3339) the newest that can be one."""
    limit = datetime.fromisoformat(now) + _NONSENSE
    moments = (datetime.fromisoformat(stamp) for stamp in stamps if stamp is not None)
    newest = max((moment for moment in moments if moment <= limit), default=None)
    return None if newest is None else _written(newest)


def wants_whole(mirror: Mirror, *, now: str, every: timedelta) -> bool:
    """Whether the whole list has to be read again. After a reading that was given up it rests for a while."""
    if mirror.due:
        return False
    moment = datetime.fromisoformat(now)
    if mirror.trouble is not None and moment - datetime.fromisoformat(mirror.trouble.at) < every / 24:
        return False
    return mirror.mirrored_at is None or moment - datetime.fromisoformat(mirror.mirrored_at) >= every


def _asked_for(watch: Watch) -> Watch:
    return replace(watch, watching=True, wanted=watch.wanted + 1, tries=0, due_at=None)


def _plus(stamp: str, span: timedelta) -> str:
    return _written(datetime.fromisoformat(stamp) + span)


def _written(moment: datetime) -> str:
    """In one form, so that two of them compare as texts."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
