"""A mail sink in its own process for the mailer to talk to, and letters to hand over."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from invoice_svc.adapters.mail_settings import SmtpSettings
from invoice_svc.workers.mailer import Letter, Seller
from shared.contracts.invoice_shapes import CustomerSnapshot, Delivery, Invoice, InvoiceLine, Payment
from shared.contracts.shapes import Address, Net


@dataclass(frozen=True)
class Sink:
    smtp_port: int
    http: str

    def messages(self) -> list[dict[str, Any]]:
        answer: list[dict[str, Any]] = httpx.get(f"{self.http}/messages", trust_env=False).json()
        return answer

    def attachment(self, message_id: str) -> bytes:
        return httpx.get(f"{self.http}/messages/{message_id}/attachments/0", trust_env=False).content

    def fails(self, **faults: Any) -> None:
        httpx.put(f"{self.http}/faults", json=faults, trust_env=False).raise_for_status()

    def settings(self, **changed: Any) -> SmtpSettings:
        given: dict[str, Any] = {"host": "127.0.0.1", "port": self.smtp_port, "hello": "localhost", **changed}
        return SmtpSettings(**given)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def running_sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    smtp, http = free_port(), free_port()
    command = [sys.executable, "-m", "embedded.mailsink", "--smtp-port", str(smtp), "--http-port", str(http)]
    process = subprocess.Popen([*command, "--data-dir", str(tmp_path_factory.mktemp("sink"))])
    sink = Sink(smtp, f"http://127.0.0.1:{http}")
    try:
        _wait_for(f"{sink.http}/healthz")
        yield sink
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def sink(running_sink: Sink) -> Sink:
    httpx.delete(f"{running_sink.http}/messages", trust_env=False)
    httpx.delete(f"{running_sink.http}/faults", trust_env=False)
    return running_sink


@pytest.fixture
def an_invoice() -> Callable[..., Invoice]:
    def make(
        *, lines: int = 2, description: str = "Cloud backup", name: str = "Łódź Ωmega Жук", **changed: Any
    ) -> Invoice:
        given: dict[str, Any] = {
            "invoice_id": "5f0c7d7e-0000-4000-8000-000000000001",
            "partner_id": "p-1",
            "customer_id": "5f0c7d7e-0000-4000-8000-000000000002",
            "version": 2,
            "number": "INV-00042",
            "document": "finalized",
            "delivery": Delivery(state="sending"),
            "payment": Payment(state="unpaid", paid=Decimal(0)),
            "currency": "EUR",
            "issue_date": date(2026, 7, 15),
            "due_date": date(2026, 8, 14),
            "payment_terms": Net(days=30),
            "terms_source": "partner",
            "time_zone": "Europe/Athens",
            "lines": tuple(a_line(number, description) for number in range(lines)),
            "subtotal": Decimal(lines * 10),
            "tax": Decimal(lines),
            "total": Decimal(lines * 11),
            "customer": a_snapshot(name),
            "created_at": "2026-07-15T00:00:00Z",
            "updated_at": "2026-07-15T00:00:00Z",
        }
        return Invoice(**{**given, **changed})

    return make


@pytest.fixture
def a_letter(an_invoice: Callable[..., Invoice]) -> Callable[..., Letter]:
    def make(**changed: Any) -> Letter:
        letter = Letter(
            message_id="<5f0c7d7e-0000-4000-8000-000000000001.1@rebilling.invalid>",
            seller=Seller("Παράδειγμα, «Sons» & Co", "billing@reseller.example"),
            to=("ap@customer.example",),
            cc=(),
            subject="Invoice INV-00042 – Łódź",
            invoice=an_invoice(),
        )
        return replace(letter, **changed)

    return make


def a_line(number: int, description: str) -> InvoiceLine:
    return InvoiceLine(
        line_id=str(number),
        description=f"{description} {number}",
        quantity=Decimal("2.5"),
        unit_price=Decimal("4.0000"),
        tax_rate=Decimal("0.1"),
        net=Decimal("10.00"),
        tax=Decimal("1.00"),
    )


def a_snapshot(name: str) -> CustomerSnapshot:
    address = Address(line1="Οδός 1", city="Αθήνα", postal_code="10431", country="GR")
    return CustomerSnapshot(customer_id="c", version=1, company_name=name, company_address=address)


def _wait_for(address: str) -> None:
    for _ in range(300):
        try:
            httpx.get(address, trust_env=False).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(address)
