"""JSON can escape half a surrogate pair, which is no text: no store and no broker would take it."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from shared.contracts import topics
from shared.kafka.cloudevents import Unreadable, read

BINARY = [
    ("ce_specversion", b"1.0"),
    ("ce_id", b"1"),
    ("ce_source", b"/portal"),
    ("ce_type", b"rebilling.DisableCustomer.v1"),
]
STRUCTURED = [("content-type", b"application/cloudevents+json")]
ENVELOPE = rb"""{"specversion": "1.0", "id": "\ud800", "source": "/portal", "type": "rebilling.DisableCustomer.v1",
    "data": {"partner_id": "p", "customer_id": "5f1e2a34-7c0b-4d57-9a61-2b8e6f0d9c11"}}"""


@pytest.mark.parametrize(
    ("value", "headers"),
    [
        (rb'{"partner_id": "\ud800", "customer_id": "x"}', BINARY),
        (rb'{"partner_id": "p", "customer_id": "\udfff"}', BINARY),
        (ENVELOPE, STRUCTURED),
    ],
)
def test_half_a_character_is_a_dead_letter(value: bytes, headers: list[tuple[str, bytes]]) -> None:
    record: Any = SimpleNamespace(value=value, headers=headers, key=b"k", topic="t", partition=0, offset=1, timestamp=0)

    with pytest.raises(Unreadable) as caught:
        read(record, topics.CUSTOMERS_COMMANDS, "log", datetime.now(UTC))

    assert caught.value.reason == "BAD_JSON"
