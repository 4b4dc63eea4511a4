"""What PSAs send, without a bearer token since each proves itself in its own way; and the secrets they do it by."""

import secrets
from http import HTTPStatus
from typing import Annotated, Any, Final

import structlog
from fastapi import APIRouter, Path, Request
from starlette.responses import JSONResponse, Response

from psa_sync_svc.aggregates import INTEGRATION
from psa_sync_svc.api.integrations import own
from psa_sync_svc.api.webhook_shapes import Accepted, WebhookSecret
from psa_sync_svc.domain.integration import Integration
from psa_sync_svc.handlers.change_webhook import giving_secret
from psa_sync_svc.workers.asking import now
from psa_sync_svc.workers.hearing import SECRET, Hearing, Repeated, stop_token
from psa_sync_svc.workers.psa import PsaError
from psa_sync_svc.workers.vault import Owner, Vault
from psa_sync_svc.workers.webhooks import NotBelieved, Received, Unreadable
from shared.engine.decision import Problem, refuse
from shared.engine.engine import Engine
from shared.web.auth import Caller
from shared.web.body import Body
from shared.web.idempotency import request_meta
from shared.web.problems import malformed, problem

LARGEST: Final = 256 * 1024
"""Bytes; a PSA's are a few thousand."""
_RETRY_S: Final = 30
_log = structlog.get_logger(__name__)


Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{24}$", description="of the address that the PSA was given")]


class WebhookDoor:
    def __init__(self, engine: Engine, vault: Vault, hearing: Hearing, *, public_url: str | None) -> None:
        self._engine, self._vault, self._hearing = engine, vault, hearing
        self._public_url = public_url.rstrip("/") if public_url else None

    async def receive(self, request: Request, integration_id: str) -> Response:
        """Whatever it says, what is true is read from the PSA afterwards. 401 says the same for an integration that
        there is not as for a wrong signature."""
        body = await request.body()
        if len(body) > LARGEST:
            return problem(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a webhook may have {LARGEST} bytes")
        try:
            await self._hearing.take(integration_id.lower(), Received(_once(request), body))
        except NotBelieved as error:
            return _not_believed(request, integration_id, error)
        except Repeated:
            return _unauthorized(request, "REPLAYED", _REPLAYED)
        except Unreadable as error:
            raise malformed("", error.detail) from None
        except PsaError as error:
            headers = {"Retry-After": str(_RETRY_S)}
            return problem(request, HTTPStatus.SERVICE_UNAVAILABLE, error.detail, headers=headers)
        return _accepted()

    async def stopped(self, request: Request, integration_id: str, token: Token) -> Response:
        """The address that a PSA is given for telling that it has stopped. What else it says is left alone."""
        try:
            await self._hearing.stopped(integration_id.lower(), token)
        except NotBelieved as error:
            return _not_believed(request, integration_id, error)
        except PsaError as error:
            headers = {"Retry-After": str(_RETRY_S)}
            return problem(request, HTTPStatus.SERVICE_UNAVAILABLE, error.detail, headers=headers)
        return _accepted()

    async def give_secret(self, request: Request, caller: Caller, integration_id: str, body: Body) -> Response:
        """A new secret, shown this once; the one before is not believed any more. A repeat with the same
        Idempotency-Key is answered with what was made."""
        known = await own(self._engine, caller, integration_id)
        header = self._hearing.proof_header(known)
        if header is None:
            raise refuse("", "NOT_NEEDED", "this PSA signs what it sends with a key of its own: there is no secret")
        owner, id = Owner(known.partner_id, known.integration_id), known.integration_id
        sealed = self._vault.seal(owner, {SECRET: secrets.token_urlsafe(32)})
        meta = request_meta(request, caller, self._vault.fingerprint(body.raw))
        outcome = await self._engine.execute(giving_secret(id, sealed, at=now()), meta)
        made = self._shown(outcome.state_of(INTEGRATION, id), header)
        return JSONResponse(made.model_dump(mode="json"), HTTPStatus.CREATED)

    def _shown(self, integration: Integration, header: str) -> WebhookSecret:
        webhook = integration.webhook
        assert webhook is not None  # noqa: S101 - it was made, or was there
        owner = Owner(integration.partner_id, integration.integration_id)
        secret = self._vault.unseal(owner, webhook.secret)[SECRET]
        path = f"/v1/webhooks/{integration.integration_id}"
        stopped = f"{path}/stopped/{stop_token(secret)}"
        at = self._public_url
        return WebhookSecret(
            integration_id=integration.integration_id,
            secret=secret,
            header=header,
            path=path,
            stopped_path=stopped,
            url=None if at is None else at + path,
            stopped_url=None if at is None else at + stopped,
            made_at=webhook.secret_made_at,
        )


def _once(request: Request) -> dict[str, str]:
    """Of a header that came twice nobody knows which one is meant."""
    names = [name.lower() for name in request.headers.keys()]  # noqa: SIM118 - each as often as it came
    return {name: request.headers[name] for name in names if names.count(name) == 1}


def _not_believed(request: Request, integration_id: str, error: NotBelieved) -> Response:
    _log.warning("webhook refused", integration_id=integration_id[:100], reason=error.doubt.value)
    return _unauthorized(request, "NOT_PROVED", _NOT_PROVED)


def _unauthorized(request: Request, code: str, detail: str) -> Response:
    headers = {"WWW-Authenticate": 'Webhook realm="rebilling"'}
    return problem(request, HTTPStatus.UNAUTHORIZED, detail, errors=(Problem("", code, detail),), headers=headers)


def _accepted() -> Response:
    return JSONResponse(Accepted().model_dump(mode="json"))


_NOT_PROVED: Final = (
    "this does not prove that it comes from the integration's PSA: check the address, and the secret or signature "
    "(X-Hook-Signature of Autotask, x-content-signature of ConnectWise, Authorization of HaloPSA)"
)
_REPLAYED: Final = "the same was taken before, or it is too old to know: nothing is done again"
_TAKEN: Final[dict[int | str, dict[str, Any]]] = {200: {"model": Accepted}}
_SENT: Final[dict[str, Any]] = {
    "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}, "required": True}
}
"""As the vendor writes it."""
_MADE: Final[dict[int | str, dict[str, Any]]] = {201: {"model": WebhookSecret}}


def add(found: APIRouter, door: WebhookDoor) -> None:
    at = "/webhooks/{integration_id}"
    found.add_api_route(at, door.receive, methods=["POST"], name="webhook", responses=_TAKEN, openapi_extra=_SENT)
    for method in ("POST", "GET"):  # which of them a PSA uses is not confirmed
        found.add_api_route(
            f"{at}/stopped/{{token}}",
            door.stopped,
            methods=[method],
            name=f"webhook stopped {method}",
            responses=_TAKEN,
        )
    found.add_api_route(
        "/integrations/{integration_id}/webhook-secret",
        door.give_secret,
        methods=["POST"],
        status_code=201,
        name="webhook secret",
        responses=_MADE,
    )
