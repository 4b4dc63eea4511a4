import logging
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
import structlog
from pydantic import BaseModel, ValidationError

from shared.engine.errors import Unavailable
from shared.telemetry.logging import configure_logging
from shared.telemetry.privacy import MASKED, allow_fields
from shared.telemetry.repeats import Repeats

Lines = Callable[[], list[dict[str, Any]]]


class _Delivery(StrEnum):
    HELD = "held"


class _Customer(BaseModel):
    email: int


def _invalid() -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        _Customer.model_validate({"email": "ann@example.org"})
    return caught.value


def test_a_line_carries_the_service_and_what_was_bound(lines: Lines) -> None:
    with structlog.contextvars.bound_contextvars(correlation_id="c-1", partner_id="p-1"):
        structlog.get_logger().info("saved", topic="rebilling.customers", count=3)

    (line,) = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "saved",
        "level": "info",
        "service": "customer-svc",
        "correlation_id": "c-1",
        "partner_id": "p-1",
        "topic": "rebilling.customers",
        "count": 3,
    }


def test_text_under_an_unknown_name_is_masked_and_numbers_are_not(lines: Lines) -> None:
    structlog.get_logger().info(
        "saved", company_name="Ann Ltd", amount=Decimal("1.50"), delivery=_Delivery.HELD, mood=_Delivery.HELD, cc=["a"]
    )

    (line,) = lines()
    assert line["company_name"] == MASKED
    assert line["cc"] == MASKED
    assert line["amount"] == "1.50"
    assert line["delivery"] == line["mood"] == "held"


def test_a_mapping_under_a_known_name_may_not_bring_unknown_ones(lines: Lines) -> None:
    structlog.get_logger().info("changed", fields={"company_name": "Ann Ltd", "topic": "t", "count": 2})

    assert lines()[0]["fields"] == {"company_name": MASKED, "topic": "t", "count": 2}


def test_addresses_are_masked_wherever_they_stand(lines: Lines) -> None:
    structlog.get_logger().info(
        "mail to ann@example.org failed",
        reason="550 <bob@example.org> unknown, call +61 2 9999 8888",
        url="mongodb://user:secret@db:27017/x",
        hint="GET /v1/customers?search=Ann of somebody",
    )

    text = str(lines()[0])
    assert "ann@" not in text
    assert "bob@" not in text
    assert "9999" not in text
    assert "secret" not in text
    assert "search" not in text
    assert "mongodb://" in text


def test_our_own_message_id_is_no_address(lines: Lines) -> None:
    structlog.get_logger().info("mailed", message_id="<1.2@rebilling.invalid>")

    assert lines()[0]["message_id"] == "<1.2@rebilling.invalid>"


def test_a_service_may_allow_a_word_of_its_own(lines: Lines) -> None:
    allow_fields("weather")

    structlog.get_logger().info("looked", weather="rain")

    assert lines()[0]["weather"] == "rain"


def test_an_exception_is_told_by_type_and_place_without_its_data(lines: Lines) -> None:
    def fails(email: str) -> None:
        raise KeyError(email)

    try:
        fails("ann@example.org of Ann Ltd")
    except KeyError:
        structlog.get_logger().exception("unhandled")

    (line,) = lines()
    assert line["error_type"] == "KeyError"
    assert "test_logging.py" in line["exception"]
    assert "in fails" in line["exception"]
    assert "Ann" not in str(line)


def test_the_causes_of_an_exception_are_told_too(lines: Lines) -> None:
    try:
        try:
            raise ConnectionRefusedError(111, "Connection refused")
        except OSError as error:
            raise Unavailable("document store: AutoReconnect") from error
    except Unavailable:
        structlog.get_logger().exception("waiting")

    told = lines()[0]["exception"]
    assert told.startswith("shared.engine.errors.Unavailable: document store: AutoReconnect")
    assert "ConnectionRefusedError: [Errno 111] Connection refused" in told


def test_a_group_tells_each_of_its_errors(lines: Lines) -> None:
    structlog.get_logger().error("stopped", exc_info=ExceptionGroup("g", [KeyError("Ann"), OSError("disk full")]))

    told = lines()[0]["exception"]
    assert "| KeyError\n" in told
    assert "| OSError: disk full" in told


def test_a_validation_error_names_places_and_no_input(lines: Lines) -> None:
    structlog.get_logger().warning("unreadable", error=_invalid())

    assert lines()[0]["error"].endswith("ValidationError: /email int_parsing")


def test_a_librarys_line_has_the_same_form(lines: Lines) -> None:
    logging.getLogger("aiokafka.consumer").error("Failed fetch from node %s: %s", 1, _invalid())
    logging.getLogger("aiokafka.consumer").info("fetched ann@example.org")

    (line,) = lines()
    assert line["logger"] == "aiokafka.consumer"
    assert line["service"] == "customer-svc"
    assert line["event"].startswith("Failed fetch from node 1: ")
    assert "ann" not in line["event"]


def test_what_a_library_has_put_into_its_text_already_is_masked_as_far_as_it_is_known(lines: Lines) -> None:
    logging.getLogger("faststream").error(f"ValidationError: {_invalid()}")

    assert "ann" not in lines()[0]["event"]


def test_a_librarys_traceback_is_told_as_ours(lines: Lines) -> None:
    try:
        raise ValueError("Ann Ltd")
    except ValueError:
        logging.getLogger("asyncio").exception("Task exception was never retrieved")

    (line,) = lines()
    assert line["error_type"] == "ValueError"
    assert "Ann" not in str(line)


def test_the_web_servers_own_access_log_stays_silent(lines: Lines) -> None:
    logging.getLogger("uvicorn.access").info("GET /v1/customers?search=Ann")

    assert lines() == []


def test_a_person_gets_readable_lines(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(False, service="invoice-svc", level="WARNING")

    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("held", invoice_id="i-1")

    out = capsys.readouterr().out
    structlog.reset_defaults()
    assert "held" in out
    assert "invoice_id=i-1" in out
    assert "quiet" not in out


def test_what_aiokafka_tries_again_by_itself_is_no_error(lines: Lines) -> None:
    log = logging.getLogger("aiokafka.consumer.group_coordinator")
    log.error("Group Coordinator Request failed: %s", "not available")
    try:
        raise ValueError("unexpected")
    except ValueError:
        log.exception("Unexpected error in the fetcher")

    assert [line["level"] for line in lines()] == ["warning", "error"]


def test_what_a_library_repeats_is_told_once_and_other_lines_and_tracebacks_always(lines: Lines) -> None:
    log = logging.getLogger("aiokafka")
    for node in (1, 1, 2, 1):
        log.error("Unable connect to node with id %s", node)
    for _ in range(2):
        log.error("Unexpected", exc_info=ValueError("unexpected"))

    told = [(line["event"], line["level"]) for line in lines()]
    assert told == [
        ("Unable connect to node with id 1", "warning"),
        ("Unable connect to node with id 2", "warning"),
        ("Unexpected", "error"),
        ("Unexpected", "error"),
    ]


def test_how_many_were_left_out_is_told_with_the_next() -> None:
    quiet = Repeats(once_in_s=0.0)
    kept = Repeats(once_in_s=60.0)

    def line() -> logging.LogRecord:
        return logging.LogRecord("aiokafka", logging.WARNING, "", 0, "away %s", ("now",), None)

    assert [kept.filter(line()) for _ in range(3)] == [True, False, False]
    kept._once_in_s = 0.0
    told = line()
    assert kept.filter(told)
    assert told.getMessage() == "away now (2 more like it)"
    assert all(quiet.filter(line()) for _ in range(3))
