"""What a document has handled, known twice: redelivery by position, a producer's repeats by identity."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from shared.engine.change import Meta

KEPT: Final = 64
"""A producer's repeat is recognised while at most this many other commands of the document lie between."""

_WIDTH: Final = 16
_BODY: Final = 8


def digest(identity: str) -> bytes:
    """An identity as the 16 bytes that a document keeps of it: 64 of them are one kilobyte and one BSON value."""
    return blake2b(identity.encode(), digest_size=_WIDTH).digest()


def body_digest(body: bytes) -> bytes:
    """A request body as the 8 bytes kept beside its identity."""
    return blake2b(body, digest_size=_BODY).digest()


def _position_of(packed: bytes, width: int, wanted: bytes) -> int:
    """Where `wanted` begins in a row of entries of equal width, or -1."""
    at = packed.find(wanted)
    while at != -1 and at % width:
        at = packed.find(wanted, at + 1)
    return at


@dataclass(slots=True)
class Handled:
    """`recent`: the last identities, oldest first; `lasting`: those kept for ever; `bodies`: identity and body hash of
    what came by HTTP with a key; `positions`: the highest offset handled per log and partition."""

    recent: bytes = b""
    lasting: bytes = b""
    bodies: bytes = b""
    positions: dict[tuple[str, int], int] | None = None

    @classmethod
    def of(cls, raw: dict[str, Any] | None) -> "Handled":
        if raw is None:
            return cls()
        return cls(
            raw.get("recent", b""),
            raw.get("lasting", b""),
            raw.get("bodies", b""),
            {(log, partition): offset for log, partition, offset in raw.get("positions", ())},
        )

    def raw(self) -> dict[str, Any]:
        found: dict[str, Any] = {"recent": self.recent}
        if self.lasting:
            found["lasting"] = self.lasting
        if self.bodies:
            found["bodies"] = self.bodies
        if self.positions:
            found["positions"] = [[log, partition, offset] for (log, partition), offset in self.positions.items()]
        return found

    def knows(self, identity: bytes) -> bool:
        return _position_of(self.recent, _WIDTH, identity) != -1 or _position_of(self.lasting, _WIDTH, identity) != -1

    def passed(self, meta: Meta) -> bool:
        """Whether the record at this position was handled before: a redelivery."""
        at = meta.position
        return (
            at is not None
            and bool(self.positions)
            and (self.positions or {}).get((at.log, at.partition), -1) >= at.offset
        )

    def another_body(self, identity: bytes, body: bytes) -> bool:
        """Whether this identity came before with a different request body."""
        at = _position_of(self.bodies, _WIDTH + _BODY, identity)
        return at != -1 and self.bodies[at + _WIDTH : at + _WIDTH + _BODY] != body

    def note(self, identity: bytes, meta: Meta, *, lasting: bool, at_position: bool) -> None:
        """Remember a message. A follow-up leaves the position alone: the document may yet get an older record."""
        if lasting:
            self.lasting += identity
        else:
            self.recent = (self.recent + identity)[-KEPT * _WIDTH :]
        if meta.body is not None:
            self.bodies = self._bodies_still_needed() + identity + meta.body
        if at_position and (at := meta.position) is not None:
            positions = self.positions = self.positions or {}
            positions[at.log, at.partition] = max(at.offset, positions.get((at.log, at.partition), -1))

    def _bodies_still_needed(self) -> bytes:
        width = _WIDTH + _BODY
        entries = (self.bodies[at : at + width] for at in range(0, len(self.bodies), width))
        return b"".join(entry for entry in entries if self.knows(entry[:_WIDTH]))
