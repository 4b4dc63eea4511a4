"""Trouble with a PSA as an answer over HTTP: a problem that says whose fault it is and whether to come again."""

from http import HTTPStatus
from math import ceil
from typing import Final

from fastapi import Request
from starlette.responses import Response

from psa_sync_svc.domain.importing import Code
from psa_sync_svc.workers.asking import InTrouble
from shared.engine.decision import Problem
from shared.web.problems import problem

_STATUS: Final = {
    Code.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Code.AUTH_FAILED: HTTPStatus.CONFLICT,
    Code.RATE_LIMITED: HTTPStatus.SERVICE_UNAVAILABLE,
    Code.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}
_SOON_S: Final = 5


def told(request: Request, trouble: InTrouble) -> Response:
    """502: the PSA answered, and it will not work as it is. 503: it may work later."""
    status = _STATUS.get(trouble.code, HTTPStatus.BAD_GATEWAY)
    wait_s = max(_SOON_S, ceil(trouble.retry_after_s))
    headers = {"Retry-After": str(wait_s)} if status is HTTPStatus.SERVICE_UNAVAILABLE else None
    errors = (Problem("", trouble.code.value, trouble.detail),)
    return problem(request, status, trouble.detail, errors=errors, headers=headers)
