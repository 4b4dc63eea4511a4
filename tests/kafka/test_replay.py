"""What went aside is said again as it came: on its topic, under its key and with its own headers."""

import gzip

import pytest

from shared.contracts.topics import CUSTOMERS_COMMANDS, MESSAGE_BYTES
from shared.kafka.cloudevents import Unreadable
from shared.kafka.dead_letters import DeadLetters
from shared.kafka.replay import LETTERS, Chosen, Letter, letter_of, main, say_again
from tests.engine.toys import Broker
from tests.kafka.toys import ADDS, a_record

WHY = Unreadable("FAILED", "carrying it out failed each time: KeyError")


async def put_aside(value: bytes) -> Letter:
    broker = Broker()
    record = a_record(7, "t", value=value)
    record.headers = [*record.headers, ("empty", None), ("bytes", b"\xfe")]
    await DeadLetters(broker, ADDS, "test-svc").put(record, WHY)
    [letter] = broker.records
    return letter_of(a_letter(3, letter.key, letter.value, letter.headers))


def a_letter(offset: int, key: bytes | None, value: bytes | None, headers: object) -> object:
    record = a_record(offset, "")
    record.key, record.value, record.headers = key, value, headers
    return record


async def test_a_letter_is_said_again_as_it_came() -> None:
    broker, came = Broker(), a_record(7, "t", value=b"{}")

    assert await say_again(broker, ADDS, await put_aside(b"{}")) == ""

    [again] = broker.records
    assert (again.topic, again.key, again.value) == ("adds", came.key, came.value)
    assert list(again.headers) == [*came.headers, ("empty", None), ("bytes", b"\xfe")]


async def test_what_was_kept_packed_is_unpacked() -> None:
    broker, value = Broker(), b"\x00" * (MESSAGE_BYTES // 2)
    letter = await put_aside(b"{}")
    packed = Letter(3, letter.key, gzip.compress(value), letter.headers, {**letter.added, "value": "gzip"})

    assert await say_again(broker, ADDS, packed) == ""

    assert broker.records[0].value == value


@pytest.mark.parametrize("kept", ["left out", "gzip"])
async def test_what_cannot_be_said_again_is_told(kept: str) -> None:
    broker = Broker()
    broker.too_large = {"t"}
    letter = await put_aside(b"{}")
    large = Letter(3, letter.key, gzip.compress(b""), letter.headers, {**letter.added, "value": kept})

    assert "large" in await say_again(broker, ADDS, large)
    assert broker.records == []


async def test_letters_are_chosen_by_offset_and_by_reason() -> None:
    letter = await put_aside(b"{}")

    assert letter in Chosen()
    assert letter in Chosen(frozenset({3}), frozenset({"FAILED"}))
    assert letter not in Chosen(frozenset({4}))
    assert letter not in Chosen(reasons=frozenset({"BAD_JSON"}))


async def test_a_letter_is_listed_with_where_it_came_from_and_nothing_of_its_value() -> None:
    line = (await put_aside(b'{"email": "ap@one.example"}')).line()

    assert line.startswith("3  ")
    assert line.endswith("FAILED  adds[0]@7  carrying it out failed each time: KeyError")


def test_every_topic_of_dead_letters_is_known_and_no_other_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    assert LETTERS["rebilling.customers.commands.customer-svc.dlq"] is CUSTOMERS_COMMANDS
    with pytest.raises(SystemExit):
        main(["rebilling.customers"])

    assert "rebilling.customers" in capsys.readouterr().err
