"""What of a record is a reason to put it aside, and what is not."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.contracts.topics import CUSTOMERS
from shared.kafka.cloudevents import Received, Unreadable, read
from tests.kafka.toys import ADDS, a_record


def received(record: Any) -> Received:
    found = read(record, ADDS, "c/adds", datetime.now(UTC))
    assert found is not None
    return found


def with_header(name: str, value: bytes | None) -> Any:
    record = a_record(0, "t")
    record.headers = [each for each in record.headers if each[0] != name] + [(name, value)]
    return record


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("ce_id", None, "BAD_HEADER"),
        ("ce_source", b"\xff", "BAD_HEADER"),
        ("ce_id", b"", "NO_ENVELOPE"),
        ("ce_id", b"x" * 256, "NO_ENVELOPE"),
        ("ce_actor", b"x" * 256, "NO_ENVELOPE"),
        ("ce_correlationid", b"x" * 900_000, "NO_ENVELOPE"),
        ("ce_specversion", b"0.3", "NO_ENVELOPE"),
        ("ce_type", b"test.Add.v1", "UNKNOWN_TYPE"),
        ("ce_type", b"rebilling.Add.v2", "UNKNOWN_TYPE"),
    ],
)
def test_an_envelope_that_cannot_be_read_is_the_reason(name: str, value: bytes | None, reason: str) -> None:
    with pytest.raises(Unreadable) as why:
        received(with_header(name, value))

    assert why.value.reason == reason


@pytest.mark.parametrize("value", [None, b"\xff\xfe", b"rebilling.answers"])
@pytest.mark.parametrize("name", ["reply_to", "x-trace", "ce_dataschema"])
def test_headers_that_are_not_ours_are_never_a_reason(name: str, value: bytes | None) -> None:
    assert received(with_header(name, value)).message is not None


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_json_is_utf_8(encoding: str) -> None:
    with pytest.raises(Unreadable) as why:
        received(a_record(0, "t", value='{"partner_id": "p1", "amount": 1}'.encode(encoding)))

    assert why.value.reason == "BAD_JSON"


@pytest.mark.parametrize(
    "type_", [b"rebilling.CustomerMerged.v1", b"rebilling.CustomerCreated.v2", b"com.example.Noise"]
)
def test_an_event_of_a_type_that_we_do_not_know_is_nobodys_fault(type_: bytes) -> None:
    assert read(with_header("ce_type", type_), CUSTOMERS, "c/customers", datetime.now(UTC)) is None


def test_two_messages_never_share_an_identity() -> None:
    told = [("/a|b", "c"), ("/a", "b|c"), ("/a%7Cb", "c"), ("/a", "b%7Cc")]
    records = [a_record(0, "t") for _ in told]
    for record, (source, id) in zip(records, told, strict=True):
        record.headers = [*record.headers, ("ce_source", source.encode()), ("ce_id", id.encode())]

    assert len({received(record).meta.identity for record in records}) == len(told)
