"""Facts on their way out: an entry of a document's outbox, and the record that it becomes."""

from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from shared.contracts.base import Message
from shared.engine.change import Meta, Outgoing
from shared.engine.ports import Record

Entry = dict[str, Any]
"""{id, type, topic, key, subject, partner, time, actor, correlation, causation, trace, value}: one fact, rendered."""

NAMESPACE: Final[UUID] = uuid5(NAMESPACE_URL, "https://rebilling.example/messages")
"""Every id that is derived from a message is a uuid5 in this namespace."""


def derived_id(identity: str, *more: str) -> str:
    """An id that a repeat of the same message derives again."""
    return str(uuid5(NAMESPACE, "|".join((identity, *more))))


def entry(outgoing: Outgoing, meta: Meta, id: str) -> Entry:
    message: Message = outgoing.message
    cause = meta.cause
    return {
        "id": id,
        "type": message.ce_type(),
        "topic": outgoing.topic,
        "key": outgoing.key,
        "subject": outgoing.subject,
        "partner": meta.partner_id,
        "time": meta.stamp,
        "actor": meta.actor,
        "correlation": cause.correlation_id,
        "causation": cause.causation_id,
        "trace": cause.traceparent,
        "value": message.model_dump_json().encode(),
    }


def record(entry: Entry, source: str) -> Record:
    """The entry as a CloudEvent in binary mode; `source` is the service that says it (`/customer-svc`)."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", entry["id"].encode()),
        ("ce_source", source.encode()),
        ("ce_type", entry["type"].encode()),
        ("ce_subject", entry["subject"].encode()),
        ("ce_time", entry["time"].encode()),
        ("ce_partnerid", entry["partner"].encode()),
        ("ce_actor", entry["actor"].encode()),
        ("ce_correlationid", entry["correlation"].encode()),
        ("ce_causationid", entry["causation"].encode()),
        ("content-type", b"application/json"),
    ]
    if entry.get("trace"):
        headers.append(("traceparent", entry["trace"].encode()))
    return Record(entry["topic"], entry["key"].encode(), entry["value"], headers)
