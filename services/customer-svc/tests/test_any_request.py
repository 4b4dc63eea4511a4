"""Whatever is asked over HTTP is answered as the OpenAPI document says, and what follows from it is said rightly."""

import asyncio
from typing import Any
from uuid import uuid4

from fastapi import FastAPI

from shared.contracts.customers import CreateCustomer
from tests.any_request import ask_everything


def test_any_request_is_answered_as_the_document_says(app: FastAPI, service: Any) -> None:
    with asyncio.Runner() as runner:

        def known() -> dict[str, list[str]]:
            creation = CreateCustomer(partner_id="harbour-it", company_name="Harbour", customer_id=str(uuid4()))
            runner.run(service.command(creation))
            return {"customer_id": [str(creation.customer_id)]}

        found = ask_everything(app, runner, known)
        runner.run(service.all_said())

    assert [route for route, statuses in found.items() if not statuses.keys() & {200, 201}] == []
    assert "CustomerUpdated" in service.names()
