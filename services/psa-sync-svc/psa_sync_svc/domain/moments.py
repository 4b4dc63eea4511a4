"""Moments as messages and PSAs write them, RFC 3339, made comparable."""

from datetime import UTC, datetime


def moment(stamp: str | None) -> float:
    """Seconds since the epoch. What nobody knows the time of is older than what has one; without a zone it is UTC."""
    if stamp is None:
        return 0.0
    found = datetime.fromisoformat(stamp)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
