"""A dead letter is the record byte for byte; one that is too large for that still tells where it stands."""

import gzip

from shared.contracts.topics import MESSAGE_BYTES
from shared.kafka.cloudevents import Unreadable
from shared.kafka.dead_letters import DeadLetters
from tests.engine.toys import Broker
from tests.kafka.toys import ADDS, a_record

WHY = Unreadable("BAD_JSON", "the value is not JSON in UTF-8")


def told(broker: Broker) -> dict[str, str]:
    return {name: value.decode() for name, value in broker.records[-1].headers if name.startswith("rebilling_dlq_")}


async def test_key_value_and_headers_are_kept_and_the_reason_is_added() -> None:
    broker, record = Broker(), a_record(7, "t", value=b"\xff")
    record.headers = [*record.headers, ("empty", None), ("bytes", b"\xfe")]

    await DeadLetters(broker, ADDS, "test-svc").put(record, WHY)

    letter = broker.records[0]
    assert (letter.topic, letter.key, letter.value) == ("adds.test-svc.dlq", b"t", b"\xff")
    assert list(letter.headers[: len(record.headers)]) == record.headers
    assert {name: told(broker)[f"rebilling_dlq_{name}"] for name in ("reason", "topic", "partition", "offset")} == {
        "reason": "BAD_JSON",
        "topic": "adds",
        "partition": "0",
        "offset": "7",
    }


async def test_a_record_that_came_compressed_and_is_too_large_goes_aside_compressed() -> None:
    broker, value = Broker(), b"\x00" * (3 * MESSAGE_BYTES)

    await DeadLetters(broker, ADDS, "test-svc").put(a_record(7, "t", value=value), WHY)

    assert told(broker)["rebilling_dlq_value"] == "gzip"
    assert gzip.decompress(broker.records[-1].value or b"") == value


async def test_where_nothing_helps_the_letter_tells_where_the_record_stands() -> None:
    broker = Broker()
    broker.too_large = {"t"}

    await DeadLetters(broker, ADDS, "test-svc").put(a_record(7, "t"), WHY)

    assert broker.records[-1].value is None
    assert (told(broker)["rebilling_dlq_value"], told(broker)["rebilling_dlq_offset"]) == ("left out", "7")
