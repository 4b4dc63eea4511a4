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
    reading began, None: never."""

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

    @property
    def due(self) -> bool:
        return self.wanted > self.served


def want_for(known: Mirror | None, fresh: Mirror, connection: int) -> Decision[Mirror, object]:
    """A new address or new credentials: what is being read may be somebody else's."""
    mirror = known or fresh
    if mirror.connection >= connection:
        return Decision(mirror)
    return Decision(_wanted(replace(mirror, connection=connection)))


def want(known: Mirror | None, fresh: Mirror) -> Decision[Mirror, object]:
    """Somebody looks at an old list; where a reading is due already that one will do."""
    mirror = known or fresh
    return Decision(mirror if mirror.due else _wanted(mirror))


def whole(known: Mirror, wish: int, *, began_at: str, accounts: int) -> Decision[Mirror, object]:
    """All accounts were read for this wish; a later wish stands."""
    return Decision(
        replace(known, served=max(known.served, wish), tries=0, mirrored_at=began_at, accounts=accounts, trouble=None)
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
