"""What the API answers. Its refusals have many shapes, by which of its layers refuses."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from embedded.simulated.companies import Refusal


@dataclass(frozen=True)
class Answer:
    """`plain`: the payload is text and no JSON."""

    payload: Any
    status: int = HTTPStatus.OK
    plain: bool = False


class ApiRefusal(Refusal):
    def __init__(self, payload: Any, status: int, *, plain: bool = False) -> None:
        super().__init__(payload)
        self.answer = Answer(payload, status, plain)


def invalid(mistakes: Mapping[str, str]) -> ApiRefusal:
    """The state of the model: texts by the path of the value in the array."""
    return ApiRefusal({path: [text] for path, text in mistakes.items()}, HTTPStatus.BAD_REQUEST)


def failed(text: str, status: int = HTTPStatus.BAD_REQUEST) -> ApiRefusal:
    """An exception of the application's."""
    return ApiRefusal({"ClassName": "System.Exception", "Message": text}, status)


def oauth(error: str) -> ApiRefusal:
    return ApiRefusal({"error": error}, HTTPStatus.BAD_REQUEST)


def limited(text: str) -> ApiRefusal:
    """Text, and no header that names a time."""
    return ApiRefusal(text, HTTPStatus.TOO_MANY_REQUESTS, plain=True)


def unauthorized() -> ApiRefusal:
    return ApiRefusal({"Message": "Authorization has been denied for this request."}, HTTPStatus.UNAUTHORIZED)


def forbidden() -> ApiRefusal:
    text = "You do not have permission to access this resource."
    return ApiRefusal({"resultCode": 403, "errorMessage": text}, HTTPStatus.FORBIDDEN)


def no_record() -> ApiRefusal:
    """In which words the vendor tells of it is in no source."""
    return ApiRefusal({"resultCode": 404, "errorMessage": "The record could not be found."}, HTTPStatus.NOT_FOUND)


def not_found() -> ApiRefusal:
    """There is nothing at the address."""
    return ApiRefusal({"Message": "No HTTP resource was found that matches the request URI."}, HTTPStatus.NOT_FOUND)


def not_allowed(method: str) -> ApiRefusal:
    text = f"The requested resource does not support http method '{method}'."
    return ApiRefusal({"Message": text}, HTTPStatus.METHOD_NOT_ALLOWED)
