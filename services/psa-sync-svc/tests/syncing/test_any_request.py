"""Whatever is asked over HTTP is answered as the OpenAPI document says, and what follows from it is said rightly."""

import asyncio
from typing import Any

import httpx
from fastapi import FastAPI

from tests.any_request import ask_everything

from .offices import an_office, differing, said

ACCOUNT = "4711"
FOR_A_PSA = {
    "POST /v1/webhooks/{integration_id}",
    "POST /v1/webhooks/{integration_id}/stopped/{token}",
    "GET /v1/webhooks/{integration_id}/stopped/{token}",
}
"""Which proves by what nobody can guess that it is one."""


async def a_bulk_import(app: FastAPI, integration_id: str) -> str:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://psa") as http:
        answer = await http.post("/v1/bulk-imports", json={"integration_id": integration_id, "account_ids": [ACCOUNT]})
        return str(answer.raise_for_status().json()["bulk_id"])


def test_any_request_is_answered_as_the_document_says(app: FastAPI, service: Any) -> None:
    service.has(ACCOUNT)
    with asyncio.Runner() as runner:

        def known() -> dict[str, list[Any]]:
            integrations = [runner.run(service.integrated()) for _ in range(2)]
            imports = [
                service.importing(integrations[0], request_id=f"r-{each.integration_id}") for each in integrations
            ]
            for each in imports:
                runner.run(service.command(each))
            runner.run(service.work())
            office = runner.run(an_office(service))
            runner.run(office.edits(contact_number="+31207946152"))
            runner.run(differing(service, office, company_name="Theirs", reference="T-1"))
            bulk = runner.run(a_bulk_import(app, integrations[0].integration_id))
            return {
                "bulk_id": [bulk],
                "customer_id": [office.id],
                "field": ["contact_number"],
                "conflict_id": [data["conflict_id"] for data in said(service, "ConflictFound")],
                "integration_id": [each.integration_id for each in integrations],
                "account_id": [ACCOUNT],
                "request_id": [str(each.request_id) for each in imports],
                "base_url": ["https://psa.example"],
                "provider": ["autotask"],
                "credentials": [dict.fromkeys(("username", "secret", "integration_code"), "x")],
            }

        found = ask_everything(app, runner, known)
        runner.run(service.work())

    reached = {route for route, statuses in found.items() if statuses.keys() & {200, 201, 202, 204}}
    assert found.keys() - reached == FOR_A_PSA
    assert service.answers()
