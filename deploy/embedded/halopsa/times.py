"""Times as the API writes them: UTC without a mark of it, to the millisecond."""

from datetime import UTC, datetime


def now() -> str:
    return written(datetime.now(UTC))


def written(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
