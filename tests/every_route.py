"""What holds for every route of a service: it is taken from the OpenAPI document, so that a new route is tried too."""

from collections.abc import Mapping
from typing import Any, Final

import httpx

Route = tuple[str, str]
"""Method and path, `("POST", "/v1/customers")`."""
OTHER: Final = {"x-partner": "other"}


async def routes(http: httpx.AsyncClient, method: str | None = None) -> list[Route]:
    paths: dict[str, dict[str, Any]] = (await http.get("/openapi.json")).json()["paths"]
    found = [(verb.upper(), path) for path, operations in paths.items() for verb in operations]
    return [route for route in found if method in (None, route[0])]


async def ask(
    http: httpx.AsyncClient, route: Route, ids: Mapping[str, str], *, json: Any = None, headers: Any = None
) -> httpx.Response:
    return await http.request(route[0], route[1].format_map(ids), json=json, headers=headers)


def told(answer: httpx.Response) -> Any:
    """All that an answer says but for what is each request's own."""
    body = answer.json()
    if isinstance(body, dict):
        body.pop("correlation_id", None)
    headers = {name: value for name, value in answer.headers.items() if name not in ("x-correlation-id", "date")}
    return answer.status_code, body, headers
