"""Whatever is asked over HTTP is answered as the OpenAPI document says, and what follows from it is said rightly."""

import asyncio
from typing import Any

from fastapi import FastAPI

from tests.any_request import ask_everything

POSSIBLE = {
    "currency": ["AUD", "JPY", "KWD"],
    "quantity": ["1", "0.333333"],
    "unit_price": ["100.0001"],
    "tax_rate": ["0.1", "0.09975"],
    "amount": ["1"],
    "issue_date": ["2026-07-15"],
    "paid_on": ["2026-07-20"],
}


def test_any_request_is_answered_as_the_document_says(app: FastAPI, service: Any, customer: Any) -> None:
    with asyncio.Runner() as runner:
        runner.run(service.hear(customer.told(email="accounts@riverside.example")))

        def known() -> dict[str, list[str]]:
            orders = [customer.billed(), customer.billed(finalize=True), customer.billed(send=True)]
            for order in orders:
                runner.run(service.command(order))
            return POSSIBLE | {
                "invoice_id": [order.invoice_id for order in orders],
                "customer_id": [customer.customer_id],
            }

        found = ask_everything(app, runner, known)

    assert [route for route, statuses in found.items() if not statuses.keys() & {200, 201}] == []
