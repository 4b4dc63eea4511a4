"""A log line about one record or one fact names its partner and its chain, where they can be told."""

import json
from typing import Any

import pytest
from structlog.testing import CapturedCall, CapturingLogger

from shared.engine import parking
from shared.kafka import carrying, consumer, dead_letters
from shared.kafka.carrying import Carrier
from shared.kafka.cloudevents import Unreadable, whose
from shared.kafka.consumer import BatchConsumer
from shared.kafka.dead_letters import DeadLetters
from shared.kafka.sorting import Sorter
from tests.engine.toys import Bench, a_bench, adding, task
from tests.kafka.toys import ADDS, SUBSCRIPTION, a_record

WHOSE = {"partner_id": "p1", "correlation_id": "m7"}
WHY = Unreadable("BAD_DATA", "a test")


@pytest.fixture
def bench() -> Bench:
    return a_bench()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[CapturedCall]:
    """What the rooms that deal with single records said."""
    log = CapturingLogger()
    for room in (parking, carrying, consumer, dead_letters):
        monkeypatch.setattr(room, "_log", log)
    return log.calls


def named(call: CapturedCall) -> dict[str, Any]:
    return {name: call.kwargs.get(name) for name in WHOSE}


async def test_a_parked_fact(bench: Bench, told: list[CapturedCall]) -> None:
    bench.broker.too_large = {"t"}

    await bench.run(task("m7", adding("t", 1)))

    assert [named(call) for call in told] == [WHOSE]


async def test_a_dead_letter_and_one_that_is_too_large_to_be_kept(bench: Bench, told: list[CapturedCall]) -> None:
    bench.broker.too_large = {"t"}

    async def clear() -> None:
        return None

    letters = DeadLetters(bench.broker, ADDS, "test")
    await BatchConsumer(SUBSCRIPTION, bench.engine, letters, "c", clear=clear)._put_aside(a_record(7, "t"), WHY)

    assert [call.method_name for call in told] == ["exception", "warning"]
    assert [named(call) for call in told] == [WHOSE, WHOSE]
    assert [call.kwargs["offset"] for call in told] == [7, 7]


async def test_a_record_that_fails_unforeseen(bench: Bench, told: list[CapturedCall]) -> None:
    await Carrier(Sorter(SUBSCRIPTION, "c/adds"), bench.engine).carry_out([a_record(7, "t", 13)], lambda: True)

    assert [named(call) for call in told] == [WHOSE]


def structured(**envelope: Any) -> Any:
    record = a_record(7, "t", value=json.dumps(envelope).encode())
    record.headers = [("content-type", b"application/cloudevents+json")]
    return record


def with_headers(*headers: tuple[str, bytes], value: bytes = b"{}") -> Any:
    record = a_record(7, "t", value=value)
    record.headers = list(headers)
    return record


@pytest.mark.parametrize(
    ("record", "found"),
    [
        (a_record(7, "t"), WHOSE),
        (a_record(7, "t", value=b"\xff"), {"correlation_id": "m7"}),
        (a_record(7, "t", value=b'{"partner_id": "a|b"}'), {"correlation_id": "m7"}),
        (with_headers(("ce_correlationid", b"c1"), ("ce_id", b"1"), ("ce_partnerid", b"p2")),
         {"partner_id": "p2", "correlation_id": "c1"}),
        (with_headers(("ce_correlationid", b"c" * 300)), {}),
        (with_headers(("ce_id", b"\xff"), value=b'{"partner_id": "p1"}'), {"partner_id": "p1"}),
        (structured(id="m7", data={"partner_id": "p1"}), WHOSE),
        (structured(id=7, correlationid=["x"], data={"partner_id": 3}), {}),
    ],
)  # fmt: skip
def test_as_far_as_it_can_be_told(record: Any, found: dict[str, str]) -> None:
    assert whose(record) == found
