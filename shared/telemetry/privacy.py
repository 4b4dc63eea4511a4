"""What may stand in a log line: numbers and closed words by their type, text only under a name known to hold no
personal data. A list of what is forbidden would miss the next field somebody adds; this one fails on the safe side."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from structlog.typing import EventDict, WrappedLogger

MASKED: Final = "[masked]"

_HARMLESS: Final = (bool, int, float, Decimal, date, timedelta, Enum, UUID, Path, type(None))
_DEEPEST: Final = 4
_LONGEST: Final = 2_000

_ALLOWED: Final = {
    # every line
    "event", "level", "timestamp", "logger", "service", "instance", "version", "correlation_id", "partner_id",
    "trace_id",
    # ids, which are opaque
    "id", "ids", "customer_id", "invoice_id", "integration_id", "account_id", "conflict_id", "request_id",
    "message_id", "command_id", "event_id", "ce_id", "ce_type", "ce_source", "causation_id", "identity", "owner",
    "actor", "kid",
    # where
    "topic", "group", "group_id", "client_id", "log", "collection", "database", "job", "lease", "worker",
    "consumer", "check", "host", "url", "route", "method", "failpoint", "file", "setting",
    "signal", "zone", "step", "part",
    # what
    "type", "command_type", "code", "codes", "reason", "reasons", "outcome", "kind", "state", "status", "provider",
    "field", "fields", "pointer", "pointers", "delivery", "mode", "algorithm", "hint",
    "error", "error_type", "exception", "detail", "partitions", "offsets", "topics", "jobs", "checks",
}  # fmt: skip

_OPAQUE: Final = frozenset({"message_id", "timestamp"})
"""Text that is ours: a Message-ID has the form of an address and is none."""

_MAIL: Final = re.compile(r"[^\s<>\"'(),;:@\[\]]+@[^\s<>\"'(),;:@\[\]]+")
_PHONE: Final = re.compile(r"\+\d[\d ()./-]{5,}\d")
_MODEL_INPUT: Final = re.compile(r"input_value=.*?(?=, input_type=|$)", re.DOTALL)
_PASSWORD: Final = re.compile(r"(?<=://)[^/\s@]+@")
_QUERY: Final = re.compile(r"(?<=\w)\?[^\s\"'>]+(?=[\s\"'>]|$)")


def allow_fields(*names: str) -> None:
    """Let text under these names into the log; for a service whose words are not in the list above."""
    _ALLOWED.update(names)


def only_harmless(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """A structlog processor: masks text under names that are not allowed, and addresses in what is allowed."""
    for key, value in line.items():
        if key.startswith("_"):
            continue
        if key not in _OPAQUE or not isinstance(value, str):
            line[key] = _under(key, value, 0)
    return line


def without_addresses(text: str) -> str:
    """The text without what looks like an e-mail address, a telephone number, a password in an address, a query, or
    the input that pydantic repeats."""
    if "input_value=" in text:
        text = _MODEL_INPUT.sub("input_value=" + MASKED, text)
    if "@" in text:
        text = _MAIL.sub(MASKED, _PASSWORD.sub("", text))
    if "+" in text:
        text = _PHONE.sub(MASKED, text)
    if "?" in text:
        text = _QUERY.sub("?…", text)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _under(key: str, value: object, depth: int) -> object:
    if key in _ALLOWED:
        return _harmless(value, depth)
    return value if isinstance(value, _HARMLESS) else MASKED


def _harmless(value: Any, depth: int) -> object:
    if isinstance(value, _HARMLESS):
        return value
    if isinstance(value, str):
        return without_addresses(value)
    if depth >= _DEEPEST:
        return MASKED
    if isinstance(value, list | tuple | set | frozenset):
        return [_harmless(each, depth + 1) for each in value]
    if isinstance(value, Mapping):
        return {str(key): _under(str(key), each, depth + 1) for key, each in value.items()}
    return type(value).__name__
