"""A partner who works with the services from outside: over topics, HTTP, and the mails that its customers get."""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
from aiokafka import AIOKafkaProducer

from shared.contracts.topics import CUSTOMERS_COMMANDS, INVOICES_COMMANDS
from tests.component.records import LIMIT_S, a_command

A_LINE = {"description": "Internet", "quantity": "1", "unit_price": "100.00", "tax_rate": "0.21"}


@dataclass(frozen=True)
class Addresses:
    """`invoicing`: those of all instances of invoice-svc."""

    customers: str
    invoicing: tuple[str, ...]
    mail: str


@dataclass
class Partner:
    """One tenant: sends commands to the topics, and asks over HTTP with a token of its own."""

    id: str
    token: str
    at: Addresses
    producer: AIOKafkaProducer

    async def __aenter__(self) -> "Partner":
        headers = {"Authorization": f"Bearer {self.token}"}
        self._client = httpx.AsyncClient(headers=headers, timeout=LIMIT_S, trust_env=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def creates_customer(self, **data: Any) -> str:
        customer = str(data.pop("customer_id", None) or uuid.uuid4())
        await self.commands(CUSTOMERS_COMMANDS.name, "CreateCustomer", customer, company_name="Harbour Dental", **data)
        return customer

    async def changes_customer(self, customer: str, **fields: Any) -> str:
        return await self.commands(CUSTOMERS_COMMANDS.name, "UpdateCustomer", customer, set=fields)

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

    async def asks_http(self, method: str, path: str, body: Any = None, *, of: str = "") -> httpx.Response:
        """Of invoice-svc, unless the address of another is given."""
        return await self._client.request(method, f"{of or self.at.invoicing[0]}{path}", json=body)

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
        return list((await self._client.get(f"{self.at.mail}/messages")).raise_for_status().json())

    async def mails_of(self, invoice: str) -> list[dict[str, Any]]:
        return [mail for mail in await self.mails() if mail["message_id"].startswith(f"<{invoice}.")]

    async def breaks_mail(self, **faults: Any) -> None:
        (await self._client.put(f"{self.at.mail}/faults", json=faults)).raise_for_status()


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Asks again and again: HTTP tells nobody by itself."""
    async with asyncio.timeout(LIMIT_S):
        while not await is_so():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.1)
