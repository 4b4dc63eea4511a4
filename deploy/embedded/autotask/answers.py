"""What the API answers: bodies differ in shape by who refuses, and clients that expect one shape only are wrong."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from embedded.simulated.companies import Refusal


@dataclass(frozen=True)
class Answer:
    payload: Any
    status: int = HTTPStatus.OK


class ApiRefusal(Refusal):
    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.payload)
        self.answer = answer


def refused(*texts: str, status: int = HTTPStatus.INTERNAL_SERVER_ERROR) -> ApiRefusal:
    """The application's own refusal: HTTP 500 for whatever it is, with strings under `errors`."""
    return ApiRefusal(Answer({"errors": list(texts)}, status))


def not_supported(method: str) -> ApiRefusal:
    text = f"The requested resource does not support http method '{method}'."
    return ApiRefusal(Answer({"Message": text}, HTTPStatus.METHOD_NOT_ALLOWED))


def not_found() -> ApiRefusal:
    text = "No HTTP resource was found that matches the request URI."
    return ApiRefusal(Answer({"Message": text}, HTTPStatus.NOT_FOUND))


def unauthorized() -> ApiRefusal:
    """The exact body is not known from public sources; clients must not depend on it."""
    return refused("Unauthorized", status=HTTPStatus.UNAUTHORIZED)
