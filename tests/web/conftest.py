import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request
from joserfc import jwt
from joserfc.jwk import ECKey
from pydantic import BaseModel
from starlette.responses import Response

from shared.contracts.customers import CreateCustomer, UpdateCustomer
from shared.engine.decision import Refused, refuse
from shared.engine.errors import Unavailable
from shared.settings import AuthSettings
from shared.web.app import create_app
from shared.web.auth import Authenticator, Caller
from shared.web.body import Body, read, takes
from shared.web.etag import entity, expected_version
from shared.web.idempotency import request_meta
from shared.web.paging import Page, Wanted

ISSUER, AUDIENCE, KID = "https://issuer.example", "rebilling", "key-1"
Mint = Callable[..., str]


class Row(BaseModel):
    name: str


@pytest.fixture(scope="session")
def key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": KID, "use": "sig"})


@pytest.fixture
def jwks_file(tmp_path: Path, key: ECKey) -> Path:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    return path


@pytest.fixture
def settings(jwks_file: Path) -> AuthSettings:
    return AuthSettings(issuer=ISSUER, audience=AUDIENCE, algorithm="ES256", jwks_file=jwks_file, leeway_s=5)


@pytest.fixture
def mint(key: ECKey) -> Mint:
    """`mint(partner_id="p-1")`: a good token, but for what is given; None leaves a claim out."""

    def make(header: dict[str, Any] | None = None, sign_with: Any = None, **claims: Any) -> str:
        now = int(time.time())
        whole = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "ann",
            "partner_id": "p-1",
            "iat": now,
            "exp": now + 60,
        } | claims
        kept = {name: value for name, value in whole.items() if value is not None}
        head = {"alg": "ES256", "kid": KID} | (header or {})
        return jwt.encode(head, kept, sign_with or key, [head["alg"]])

    return make


def _router() -> APIRouter:
    router = APIRouter(prefix="/v1/customers", tags=["customers"])

    @router.post("", status_code=201, openapi_extra=takes(CreateCustomer))
    async def create_customer(request: Request, caller: Caller, body: Body) -> dict[str, Any]:
        command = read(CreateCustomer, body.data, partner_id=caller.partner_id)
        meta = request_meta(request, caller, body.raw)
        return {"command": command.model_dump(mode="json"), "meta": {**vars(meta), "body": str(meta.body)}}

    @router.get("")
    async def list_customers(_caller: Caller, wanted: Wanted) -> Page[Row]:
        place = wanted.place(2)
        rows = [(f"n{at}", str(at)) for at in range(7) if place is None or (f"n{at}", str(at)) > place]
        return wanted.page(rows[: wanted.ask], lambda row: Row(name=row[0]), lambda row: row)

    @router.get("/{customer_id}")
    async def get_customer(request: Request, _caller: Caller, customer_id: str) -> Response:
        return entity(request, Row(name=customer_id), 7)

    given = ("partner_id", "customer_id")

    @router.patch("/{customer_id}", openapi_extra=takes(UpdateCustomer, given=given))
    async def update_customer(request: Request, caller: Caller, customer_id: str, body: Body) -> dict[str, Any]:
        command = read(UpdateCustomer, body.data, partner_id=caller.partner_id, customer_id=customer_id)
        return {"customer_id": command.customer_id, "expected": expected_version(request)}

    @router.post("/{customer_id}/refused/{code}")
    async def refused(customer_id: str, code: str) -> None:
        raise refuse("/email", code, "because")

    @router.post("/{customer_id}/refused-twice")
    async def refused_twice(customer_id: str) -> None:
        raise Refused(*refuse("/email", "INVALID", "bad").problems, *refuse("/cc", "TOO_LONG", "long").problems)

    @router.post("/{customer_id}/away")
    async def away(customer_id: str) -> None:
        raise Unavailable("document store: AutoReconnect")

    @router.post("/{customer_id}/broken")
    async def broken(customer_id: str) -> None:
        raise KeyError("secret of ann@example.org")

    return router


@pytest.fixture
def app(settings: AuthSettings) -> FastAPI:
    return create_app(
        "Customers", "1.2.3", service="customer-svc", authenticator=Authenticator(settings), routers=[_router()]
    )


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.fixture
async def client(http: httpx.AsyncClient, mint: Mint) -> httpx.AsyncClient:
    """A client of partner p-1."""
    http.headers["Authorization"] = f"Bearer {mint()}"
    return http
