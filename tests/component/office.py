"""customer-svc, invoice-svc and a mail sink as processes, and a partner who works with them from outside."""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from aiokafka import AIOKafkaProducer

from embedded.part import Part
from embedded.stack import Stack
from ops.identity import Identity, identity_in
from shared.contracts.topics import CUSTOMERS_COMMANDS, INVOICES_COMMANDS
from tests.component.process import a_mail_sink, a_service
from tests.component.records import LIMIT_S, a_command

A_LINE = {"description": "Internet", "quantity": "1", "unit_price": "100.00", "tax_rate": "0.21"}


@dataclass(frozen=True)
class Office:
    """Each part may be killed and launched again. `invoicing` are the instances of invoice-svc."""

    identity: Identity
    customers: Part
    invoicing: tuple[Part, ...]
    mail: Part

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.customers, *self.invoicing, self.mail)


@contextmanager
def an_office(stack: Stack, home: Path, *, instances: int = 1, **more: str) -> Iterator[Office]:
    """Launched; `more` are settings of invoice-svc. All have ended after it, so that others may join the groups."""
    prefix = f"t{uuid.uuid4().hex[:8]}_"
    mail, to_mail = a_mail_sink(home)
    invoicing = tuple(a_service("invoice-svc", stack, prefix, home, **to_mail, **more) for _ in range(instances))
    office = Office(identity_in(home), a_service("customer-svc", stack, prefix, home), invoicing, mail)
    try:
        for part in office.parts:
            part.launch()
        yield office
    finally:
        for part in office.parts:
            part.ask_to_end()
        for part in office.parts:
            part.await_end()


@dataclass
class Partner:
    """One tenant: sends commands to the topics, and asks over HTTP with a token of its own."""

    office: Office
    producer: AIOKafkaProducer
    id: str = field(default_factory=lambda: f"partner-{uuid.uuid4()}")

    async def __aenter__(self) -> "Partner":
        headers = {"Authorization": f"Bearer {self.office.identity.token(self.id)}"}
        self._client = httpx.AsyncClient(headers=headers, timeout=LIMIT_S, trust_env=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def creates_customer(self, **data: Any) -> str:
        customer = str(data.pop("customer_id", None) or uuid.uuid4())
        await self.commands(CUSTOMERS_COMMANDS.name, "CreateCustomer", customer, company_name="Harbour Dental", **data)
        return customer

    async def changes_customer(self, customer: str, **fields: Any) -> None:
        await self.commands(CUSTOMERS_COMMANDS.name, "UpdateCustomer", customer, set=fields)

    async def bills(self, customer: str, **data: Any) -> str:
        """The id of the invoice that is asked for."""
        invoice = str(uuid.uuid4())
        await self.asks("CreateInvoice", customer, invoice_id=invoice, currency="EUR", lines=[A_LINE], **data)
        return invoice

    async def asks(self, name: str, customer: str, **data: Any) -> str:
        """Something of an invoice; answers the command's id."""
        return await self.commands(INVOICES_COMMANDS.name, name, customer, **data)

    async def commands(self, topic: str, name: str, customer: str, *, id: str = "", **data: Any) -> str:
        id = id or str(uuid.uuid4())
        value = json.dumps({"partner_id": self.id, "customer_id": customer, **data}).encode()
        await self.producer.send_and_wait(topic, value, key=customer.encode(), headers=a_command(name, id))
        return id

    async def asks_http(self, method: str, path: str, body: Any = None, *, of: Part | None = None) -> httpx.Response:
        """invoice-svc, unless it is asked of another part."""
        return await self._client.request(method, f"{(of or self.office.invoicing[0]).url}{path}", json=body)

    async def sees(self, invoice: str) -> dict[str, Any]:
        answer = await self.asks_http("GET", f"/v1/invoices/{invoice}")
        return dict(answer.raise_for_status().json())

    async def is_known_with(self, customer: str) -> None:
        """Returns once invoice-svc knows the customer: a draft for it has its terms then."""
        body = {"customer_id": customer, "currency": "EUR", "lines": [A_LINE]}
        made = (await self.asks_http("POST", "/v1/invoices", body)).raise_for_status().json()

        async def has_terms() -> bool:
            return (await self.sees(made["invoice_id"]))["payment_terms"] is not None

        await until(has_terms)

    async def mails(self) -> list[dict[str, Any]]:
        """Everything that the sink took, for whomever."""
        return list((await self._client.get(f"{self.office.mail.url}/messages")).raise_for_status().json())

    async def mails_of(self, invoice: str) -> list[dict[str, Any]]:
        return [mail for mail in await self.mails() if mail["message_id"].startswith(f"<{invoice}.")]

    async def breaks_mail(self, **faults: Any) -> None:
        (await self._client.put(f"{self.office.mail.url}/faults", json=faults)).raise_for_status()


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Asks again and again: HTTP tells nobody by itself."""
    async with asyncio.timeout(LIMIT_S):
        while not await is_so():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.1)
