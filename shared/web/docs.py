"""The API for a person's eyes: one page made from the OpenAPI document, without scripts, so no internet is needed; and
beside it what the service hears and says on Kafka, as AsyncAPI.
"""

import json
from collections.abc import Iterator
from functools import cache
from html import escape
from typing import Any, Final

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, Response

from shared.contracts.asyncapi import document
from shared.contracts.topics import SERVICES

_STYLE: Final = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}"
    "h1{margin-bottom:0}summary{cursor:pointer}details{margin:.4rem 0;padding:.4rem .6rem;background:#f6f8fa}"
    "pre{overflow:auto;font-size:13px}code{font-size:14px}b{display:inline-block;min-width:4.5rem}"
)
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_ERRORS: Final = "Errors are application/problem+json (RFC 9457)."


def install(app: FastAPI, service: str) -> None:
    """`/docs` and, for a service of the topic table, `/asyncapi.json`."""
    told = service in SERVICES

    async def docs(_request: Request) -> Response:
        return HTMLResponse(_page(app.openapi(), events=told), headers={"Content-Security-Policy": _POLICY})

    async def events(_request: Request) -> Response:
        return Response(_events(service), media_type="application/json")

    app.add_route("/docs", docs, methods=["GET"], include_in_schema=False)
    if told:
        app.add_route("/asyncapi.json", events, methods=["GET"], include_in_schema=False)


@cache
def _events(service: str) -> bytes:
    return json.dumps(document(service), ensure_ascii=False).encode()


def _page(api: dict[str, Any], *, events: bool) -> str:
    title = escape(f"{api['info']['title']} {api['info']['version']}")
    shapes = api.get("components", {}).get("schemas", {})
    kafka = ' What it hears and says on Kafka: <a href="/asyncapi.json">/asyncapi.json</a>.' if events else ""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f'<h1>{title}</h1><p>The whole document: <a href="/openapi.json">/openapi.json</a>.{kafka} Every route '
        f"but the health ones takes a bearer token with the claim <code>partner_id</code>. {_ERRORS}</p>"
        f"<h2>Routes</h2>{''.join(_routes(api))}"
        f"<h2>Shapes</h2>{''.join(_folded(escape(name), shapes[name]) for name in sorted(shapes))}</html>"
    )


def _routes(api: dict[str, Any]) -> Iterator[str]:
    for path, operations in api.get("paths", {}).items():
        for method, operation in operations.items():
            name = f"<b>{method.upper()}</b><code>{escape(path)}</code> {escape(operation.get('summary', ''))}"
            shown = {
                key: operation[key]
                for key in ("description", "parameters", "requestBody", "responses")
                if key in operation
            }
            yield _folded(name, shown)


def _folded(name: str, shown: Any) -> str:
    text = escape(json.dumps(shown, indent=2, ensure_ascii=False))
    return f"<details><summary>{name}</summary><pre>{text}</pre></details>"
