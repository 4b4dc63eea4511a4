"""What the tests of the routes send and how they read what is answered."""

from typing import Any

import httpx

SECRETS = {"username": "api@harbour.example", "secret": "s3cret-of-the-psa", "integration_code": "CODE-4711"}


NEW = {"provider": "autotask", "name": "Autotask", "base_url": "https://psa.example/", "credentials": SECRETS}


THEIRS = {"x-partner": "tide-telecom"}


async def created(http: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await http.post("/v1/integrations", json=NEW | fields)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def errors(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.headers["content-type"] == "application/problem+json"
    return [(problem["pointer"], problem["code"]) for problem in answer.json()["errors"]]


def at(integration: dict[str, Any], more: str = "") -> str:
    return f"/v1/integrations/{integration['integration_id']}{more}"
