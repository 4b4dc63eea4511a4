"""The web application that every service starts from, with all the parts of this room installed."""

from collections.abc import Iterable
from typing import Any, Final

from fastapi import APIRouter, FastAPI

from shared.contracts.base import Problem
from shared.telemetry import metrics
from shared.web import docs, health, problems
from shared.web.auth import Authenticator
from shared.web.body import SCHEMAS
from shared.web.edge import Edge
from shared.web.health import Checks

_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "title", "status", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "correlation_id": {"type": "string"},
        "errors": {"type": "array", "items": Problem.model_json_schema()},
    },
}
_ERROR: Final[dict[str, Any]] = {
    "description": "What was wrong (RFC 9457)",
    "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
}


def create_app(
    title: str,
    version: str,
    *,
    service: str,
    authenticator: Authenticator,
    routers: Iterable[APIRouter] = (),
    alive: Checks | None = None,
    ready: Checks | None = None,
) -> FastAPI:
    """`alive` are the checks of `/healthz`, `ready` those that `/readyz` asks besides. A router has its own prefix."""
    app = FastAPI(
        title=title,
        version=version,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses={"default": _ERROR},
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.service, app.state.authenticator, app.state.started = service, authenticator, False
    app.add_middleware(Edge)
    problems.install(app)
    health.install(app, alive=alive or {}, ready=ready or {})
    docs.install(app, service)
    for router in routers:
        app.include_router(router)
    _with_shapes(app)
    metrics.running(service, version)
    return app


def _with_shapes(app: FastAPI) -> None:
    """Move the shapes of bodies, which FastAPI does not see, to where the OpenAPI document's references look."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = made()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas["ProblemDocument"] = _PROBLEM
            for operations in document.get("paths", {}).values():
                for operation in operations.values():
                    schemas |= operation.pop(SCHEMAS, {})
        assert app.openapi_schema is not None  # noqa: S101 - the call above keeps it
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document
