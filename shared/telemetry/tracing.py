"""W3C trace context, checked at the edges and passed on unchanged: we make no spans, so we add no parent of our own."""

import re
from typing import Final

_FORM: Final = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?", re.ASCII)
_LONGEST: Final = 512


def traceparent_of(raw: str | None) -> str | None:
    """The header's value where it is valid, else None: what is malformed is dropped and the trace starts anew."""
    if raw is None or len(raw) > _LONGEST:
        return None
    found = _FORM.fullmatch(raw.strip())
    if found is None:
        return None
    version, trace, parent, more = found.groups()
    if version == "ff" or not trace.strip("0") or not parent.strip("0") or (version == "00" and more is not None):
        return None
    return found.string


def trace_id(traceparent: str) -> str:
    """The trace's id, for a log line."""
    return traceparent[3:35]
