from timeit import timeit

import pytest

from shared.telemetry.tracing import trace_id, traceparent_of

VALID = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_valid_one_is_passed_on_unchanged() -> None:
    assert traceparent_of(VALID) == VALID
    assert traceparent_of(f" {VALID} ") == VALID
    assert trace_id(VALID) == "0af7651916cd43dd8448eb211c80319c"


def test_a_later_version_may_say_more() -> None:
    assert traceparent_of("cc" + VALID[2:] + "-more") is not None


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        "00",
        VALID.upper(),
        VALID + "-more",
        "ff" + VALID[2:],
        VALID.replace("0af7651916cd43dd8448eb211c80319c", "0" * 32),
        VALID.replace("b7ad6b7169203331", "0" * 16),
        VALID + "\r\nX-Evil: 1",
        "cc" + VALID[2:] + "-" + "x" * 1000,
    ],
)
def test_what_is_malformed_is_dropped(raw: str | None) -> None:
    assert traceparent_of(raw) is None


def test_an_absent_one_costs_next_to_nothing() -> None:
    assert timeit(lambda: traceparent_of(None), number=10_000) / 10_000 < 2e-6
