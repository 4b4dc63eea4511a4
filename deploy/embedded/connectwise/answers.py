"""What the API answers. A mistake is `code` and `message`, with `errors` for those of fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from embedded.simulated.companies import Refusal


@dataclass(frozen=True)
class Answer:
    """`links`: addresses of further pages by their relation."""

    payload: Any
    status: int = HTTPStatus.OK
    links: Mapping[str, str] = field(default_factory=dict)


class ApiRefusal(Refusal):
    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.payload)
        self.answer = answer


@dataclass(frozen=True)
class Mistake:
    code: str
    message: str
    field: str


def refused(code: str, message: str, status: int = HTTPStatus.BAD_REQUEST) -> ApiRefusal:
    return ApiRefusal(Answer({"code": code, "message": message, "errors": None}, status))


def invalid(*mistakes: Mistake) -> ApiRefusal:
    """All that is wrong with a company, whoever wrote it there."""
    errors = [
        {"code": each.code, "message": each.message, "resource": "company", "field": each.field} for each in mistakes
    ]
    body = {"code": "InvalidObject", "message": "company object is invalid", "errors": errors}
    return ApiRefusal(Answer(body, HTTPStatus.BAD_REQUEST))


def unauthorized() -> ApiRefusal:
    return refused("Unauthorized", "You are not authorized to call this API.", HTTPStatus.UNAUTHORIZED)


def not_found(what: str) -> ApiRefusal:
    return refused("NotFound", f"{what} not found", HTTPStatus.NOT_FOUND)


def not_allowed(method: str) -> ApiRefusal:
    text = f"The requested resource does not support http method '{method}'."
    return refused("MethodNotAllowed", text, HTTPStatus.METHOD_NOT_ALLOWED)
