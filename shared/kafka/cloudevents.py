"""CloudEvents in: one record to one typed message and its envelope, or the reason why it cannot be read."""

import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aiokafka import ConsumerRecord
from pydantic import ValidationError

from shared.contracts.base import Command, Message
from shared.contracts.forms import is_partner_id
from shared.contracts.reading import problems_of
from shared.contracts.topics import Topic
from shared.engine.change import Meta, Position
from shared.engine.decision import Problem, Refused

_STRUCTURED: Final = "application/cloudevents+json"
_OURS: Final = frozenset(
    {
        *("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_partnerid", "ce_actor", "ce_correlationid"),
        *("traceparent", "content-type"),
    }
)
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_LONGEST: Final = 255
"""Of an attribute that every fact that follows carries on."""


class Unreadable(Exception):  # noqa: N818 - an answer: this record is a dead letter
    """The record cannot be taken. `reason` is UPPER_SNAKE; the detail names no value that could be personal."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True)
class Received:
    """A record that could be read. `refused` says what is wrong with the form of its `data`; `message` is then None."""

    meta: Meta
    type: type[Message]
    message: Message | None
    refused: Refused | None = None
    data: Mapping[str, Any] | None = None


def read(record: "ConsumerRecord[bytes, bytes]", topic: Topic, log: str, now: datetime) -> Received | None:
    """None: an event of a type that we do not know, which is nobody's fault. Raises `Unreadable`."""
    headers = _headers(record)
    if record.value is None:
        if topic.commands:
            raise Unreadable("TOMBSTONE", "a command needs a value")
        return None
    if topic.commands and headers.get("content-type", "").startswith(_STRUCTURED):
        envelope, data = _structured(record.value)
    else:
        envelope, data = _binary(headers), None
    type_ = topic.message_class(envelope["type"])
    if type_ is None:
        if topic.commands:
            raise Unreadable("UNKNOWN_TYPE", "the type or its major version is not one that this topic takes")
        return None
    position = Position(log, record.partition, record.offset)
    return _typed(type_, envelope, record.value if data is None else data, position, now)


def whose(record: "ConsumerRecord[bytes, bytes]") -> dict[str, str]:
    """Partner and chain of a record that nobody may be able to take, as far as they can be told, for its log lines."""
    envelope: dict[str, Any] = {}
    value: dict[str, Any] = {}
    with contextlib.suppress(Unreadable):
        envelope = {name.removeprefix("ce_"): text for name, text in _headers(record).items()}
    with contextlib.suppress(Unreadable):
        value = _object(record.value or b"")
    if isinstance(value.get("data"), dict):
        envelope, value = envelope | value, value["data"]
    found = {}
    partner = value.get("partner_id") or envelope.get("partnerid")
    if isinstance(partner, str) and is_partner_id(partner):
        found["partner_id"] = partner
    chain = envelope.get("correlationid") or envelope.get("id")
    if isinstance(chain, str) and len(chain) <= _LONGEST:
        found["correlation_id"] = chain
    return found


def _headers(record: "ConsumerRecord[bytes, bytes]") -> dict[str, str]:
    """Our headers as text. Headers that are not ours are never a reason."""
    found: dict[str, str] = {}
    for name, value in record.headers:
        if name in _OURS:
            try:
                found[name] = value.decode()
            except (UnicodeDecodeError, AttributeError):
                raise Unreadable("BAD_HEADER", f"header {name} is not UTF-8 text") from None
    return found


def _binary(headers: Mapping[str, str]) -> dict[str, str]:
    return _envelope({name.removeprefix("ce_"): value for name, value in headers.items()})


def _structured(value: bytes) -> tuple[dict[str, str], dict[str, Any]]:
    found = _object(value)
    data = found.pop("data", None)
    if not isinstance(data, dict):
        raise Unreadable("NOT_AN_OBJECT", "the envelope's data is no JSON object")
    return _envelope({name: text for name, text in found.items() if isinstance(text, str)}), data


def _envelope(found: dict[str, str]) -> dict[str, str]:
    for name in ("id", "source", "type"):
        if not found.get(name):
            raise Unreadable("NO_ENVELOPE", f"the CloudEvents attribute {name} is missing")
    if found.get("specversion") != "1.0":
        raise Unreadable("NO_ENVELOPE", "specversion is not 1.0")
    for name in ("id", "source", "actor", "correlationid"):
        if len(found.get(name, "")) > _LONGEST:
            raise Unreadable("NO_ENVELOPE", f"the attribute {name} is longer than {_LONGEST} characters")
    return found


def _object(value: bytes) -> dict[str, Any]:
    """Half a surrogate pair is no text either: it could be neither stored nor said."""
    try:
        found = json.loads(value.decode())
        if b"\\u" in value:
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Unreadable("BAD_JSON", "the value is not JSON in UTF-8") from None
    if not isinstance(found, dict):
        raise Unreadable("NOT_AN_OBJECT", "the value is no JSON object")
    return found


def _typed(
    type_: type[Message], envelope: Mapping[str, str], data: bytes | dict[str, Any], at: Position, now: datetime
) -> Received:
    try:
        message = type_.model_validate_json(data) if isinstance(data, bytes) else type_.model_validate(data)
    except ValidationError as error:
        found = data if isinstance(data, dict) else _object(data)
        problems = [Problem(p.pointer, p.code, p.detail) for p in problems_of(error)]
        partner = _partner(type_, envelope, found.get("partner_id"))
        return Received(_meta(partner, envelope, at, now), type_, None, Refused(*problems), found)
    partner = message.tenant
    told = envelope.get("partnerid")
    if told is not None and told != partner:
        wrong = Problem("/partner_id", "PARTNER_MISMATCH", "partner_id differs from the envelope's ce_partnerid")
        return Received(_meta(partner, envelope, at, now), type_, None, Refused(wrong))
    return Received(_meta(partner, envelope, at, now), type_, message)


def _partner(type_: type[Message], envelope: Mapping[str, str], told: object) -> str:
    if not issubclass(type_, Command):
        told = told or envelope.get("partnerid")
    if not isinstance(told, str) or not is_partner_id(told):
        raise Unreadable("NO_PARTNER", "partner_id is missing or no valid id, so nobody can be answered")
    return told


def _meta(partner: str, envelope: Mapping[str, str], at: Position, now: datetime) -> Meta:
    trace = envelope.get("traceparent", "")
    return Meta(
        partner_id=partner,
        source=envelope["source"],
        id=envelope["id"],
        type=envelope["type"],
        time=now,
        actor=envelope.get("actor") or f"service:{envelope['source']}",
        correlation_id=envelope.get("correlationid") or envelope["id"],
        traceparent=trace if _TRACEPARENT.fullmatch(trace) else None,
        position=at,
    )
