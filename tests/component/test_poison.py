"""What cannot be read goes aside, whichever service the commands are for, and its neighbours are carried out."""

import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from embedded.stack import Stack
from shared.contracts.topics import CUSTOMERS, CUSTOMERS_COMMANDS, INVOICES, INVOICES_COMMANDS, Topic, dead_letters
from tests.component.process import a_service, ready, stopped
from tests.component.records import Header, Reader, a_command

pytestmark = pytest.mark.embedded

A_LINE = {"description": "Internet", "quantity": "1", "unit_price": "10.00", "tax_rate": "0.21"}


@dataclass(frozen=True)
class Address:
    """A service, where it takes commands and says events, and a command that it can carry out."""

    service: str
    commands: Topic
    events: Topic
    command: str
    data: dict[str, Any]


CUSTOMER_SVC = Address("customer-svc", CUSTOMERS_COMMANDS, CUSTOMERS, "CreateCustomer", {"company_name": "Next"})
INVOICE_SVC = Address(
    "invoice-svc", INVOICES_COMMANDS, INVOICES, "CreateInvoice", {"currency": "EUR", "lines": [A_LINE]}
)


@pytest.mark.parametrize("to", [CUSTOMER_SVC, INVOICE_SVC], ids=lambda to: to.service)
async def test_poison_goes_aside_byte_for_byte_and_its_neighbours_go_on(
    stack: Stack, producer: AIOKafkaProducer, tmp_path: Path, to: Address
) -> None:
    service, tag = a_service(to.service, stack, f"t{uuid.uuid4().hex[:8]}_", tmp_path), uuid.uuid4().hex
    service.launch()
    await ready(service)
    sent = poison(to.command, tag)
    async with (
        Reader(stack.bootstrap_servers, dead_letters(to.commands, to.service).name) as letters,
        Reader(stack.bootstrap_servers, to.events.name) as said,
    ):
        for value, headers, _ in sent:
            await producer.send_and_wait(to.commands.name, value, key=tag.encode(), headers=headers)
            good = str(uuid.uuid4())
            data = json.dumps({"partner_id": "p1", "customer_id": good, **to.data}).encode()
            await producer.send_and_wait(to.commands.name, data, key=tag.encode(), headers=a_command(to.command, good))
            await said.until_about(good)
        mine = await letters.until_about(tag, len(sent))
    assert await stopped(service) == 0

    assert [(record.value, dict(record.headers)["rebilling_dlq_reason"].decode()) for record in mine] == [
        (value, reason) for value, _, reason in sent
    ]
    assert [list(record.headers)[: len(headers)] for record, (_, headers, _) in zip(mine, sent, strict=True)] == [
        headers for _, headers, _ in sent
    ]


def poison(command: str, id: str) -> list[tuple[bytes | None, list[Header], str]]:
    """Value, headers, and the reason with which it has to go aside."""
    fine = a_command(command, id)
    without_type = [header for header in fine if header[0] != "ce_type"]
    return [
        (b"{not json", fine, "BAD_JSON"),
        (b"[1]", fine, "NOT_AN_OBJECT"),
        (b"{}", [*fine[:2], ("ce_source", b"\xff\xfe"), *fine[3:]], "BAD_HEADER"),
        (b"{}", [*fine[:2], ("ce_source", None), *fine[3:]], "BAD_HEADER"),
        (b"{}", [], "NO_ENVELOPE"),
        (None, fine, "TOMBSTONE"),
        (b"{}", a_command("Unheard", id), "UNKNOWN_TYPE"),
        (b"{}", [*without_type, ("ce_type", f"rebilling.{command}.v99".encode())], "UNKNOWN_TYPE"),
        (b'{"customer_id": "x"}', fine, "NO_PARTNER"),
        (b"\x00" * 900_000, fine, "BAD_JSON"),
    ]
