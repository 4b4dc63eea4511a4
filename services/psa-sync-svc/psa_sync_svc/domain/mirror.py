"""Our copy of an integration's account list: when it was made, and whether it has to be made again."""

from dataclasses import dataclass, replace

from shared.engine.decision import Decision


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the last reading came to nothing."""

    code: str
    detail: str
    at: str


@dataclass(frozen=True, slots=True)
class Mirror:
    """`wanted` counts the wishes and `served` the last one that was answered; where they differ a reading is due, not
    before `due_at`. `connection`: the integration's, for which it was last wanted. `mirrored_at`: when the last whole
    reading began, None: never. `watermark`: the PSA's own time up to which that reading saw everything, under this
    connection."""

    integration_id: str
    partner_id: str
    connection: int = 0
    wanted: int = 0
    served: int = 0
    tries: int = 0
    due_at: str | None = None
    mirrored_at: str | None = None
    accounts: int = 0
    trouble: Trouble | None = None
    watermark: str | None = None

    @property
    def due(self) -> bool:
        return self.wanted > self.served

    def seen_until(self, connection: int) -> str | None:
        """What was learnt under another connection may be of another PSA."""
        return self.watermark if self.connection == connection else None


def want_for(known: Mirror | None, fresh: Mirror, connection: int) -> Decision[Mirror, object]:
    """A new address or new credentials: what is being read may be somebody else's."""
    mirror = known or fresh
    if mirror.connection >= connection:
        return Decision(mirror)
    return Decision(_wanted(replace(mirror, connection=connection, watermark=None)))


def want(known: Mirror | None, fresh: Mirror) -> Decision[Mirror, object]:
    """Somebody looks at an old list; where a reading is due already that one will do."""
    mirror = known or fresh
    return Decision(mirror if mirror.due else _wanted(mirror))


@dataclass(frozen=True, slots=True)
class Whole:
    """A reading that went through to its last page, under this connection of the integration."""

    began_at: str
    accounts: int
    connection: int
    watermark: str


def whole(known: Mirror, wish: int, seen: Whole) -> Decision[Mirror, object]:
    """All accounts were read for this wish; a later wish stands."""
    return Decision(
        replace(
            known,
            served=max(known.served, wish),
            tries=0,
            mirrored_at=seen.began_at,
            accounts=seen.accounts,
            trouble=None,
            watermark=seen.watermark if known.connection <= seen.connection else None,
        )
    )


def try_again(known: Mirror, wish: int, trouble: Trouble, *, at: str) -> Decision[Mirror, object]:
    """A later wish is of another address or other credentials: this trouble is not theirs, and they need not wait."""
    if known.wanted > wish:
        return Decision(known)
    return Decision(replace(known, tries=known.tries + 1, due_at=at, trouble=trouble))


def give_up(known: Mirror, wish: int, trouble: Trouble | None) -> Decision[Mirror, object]:
    """Until somebody asks again. Without trouble: there is nothing to be read any more."""
    if known.wanted > wish:
        return Decision(known)
    return Decision(replace(known, served=max(known.served, wish), tries=0, due_at=None, trouble=trouble))


def _wanted(mirror: Mirror) -> Mirror:
    return replace(mirror, wanted=mirror.wanted + 1, tries=0, due_at=None)
