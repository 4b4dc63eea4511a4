"""Whatever is asked over HTTP is answered as the OpenAPI document says, and what follows from it is said rightly."""

import asyncio
from typing import Any

from fastapi import FastAPI

from tests.any_request import ask_everything

ACCOUNT = "4711"
FOR_A_PSA = {
    "POST /v1/webhooks/{integration_id}",
    "POST /v1/webhooks/{integration_id}/stopped/{token}",
    "GET /v1/webhooks/{integration_id}/stopped/{token}",
}
"""Which proves by what nobody can guess that it is one."""
NOT_THERE_YET = {"POST /v1/conflicts/{conflict_id}/resolve"}


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
            return {
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
    assert found.keys() - reached == NOT_THERE_YET | FOR_A_PSA
    assert service.answers()
