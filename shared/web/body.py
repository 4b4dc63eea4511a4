"""Request bodies, read by ourselves so that the contract's own models check them and each problem has its pointer."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from shared.contracts.reading import problems_of
from shared.engine.decision import Problem, Refused, no_such, refuse
from shared.web.problems import malformed

M = TypeVar("M", bound=BaseModel)

SCHEMAS: Final = "x-schemas"
"""Where `takes` leaves a model's parts until the OpenAPI document is put together."""


@dataclass(frozen=True, slots=True)
class JsonBody:
    """A JSON object as it was sent, and its bytes. No body is an empty object."""

    data: dict[str, Any]
    raw: bytes


async def json_body(request: Request) -> JsonBody:
    """400 for what is no JSON object, 413 beyond 1 MiB, 415 for another media type."""
    raw = await request.body()
    if not raw:
        return JsonBody({}, raw)
    media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise refuse("", "UNSUPPORTED_MEDIA_TYPE", "the body must be JSON: send it as application/json")
    try:
        data = from_json(raw, allow_inf_nan=False)
    except ValueError:
        raise malformed("", "the body is not valid JSON in UTF-8") from None
    if not isinstance(data, dict):
        raise malformed("", "the body must be a JSON object")
    return JsonBody(data, raw)


Body = Annotated[JsonBody, Depends(json_body)]
"""`async def create_customer(caller: Caller, body: Body)`."""


def read(model: type[M], data: dict[str, Any], **given: str) -> M:
    """The contract message out of a body and what the path and the token give, which counts more.

    Raises `Refused` with a pointer for each problem; NOT_FOUND where an id of the path is no id.
    """
    try:
        return model.model_validate({**data, **given})
    except ValidationError as error:
        problems = problems_of(error)
    for each in problems:
        if (name := each.pointer.removeprefix("/")) in given:
            raise no_such(name) from None
    raise Refused(*(Problem(each.pointer, each.code, each.detail) for each in problems))


def takes(model: type[BaseModel], *, given: Collection[str] = ("partner_id",), required: bool = True) -> dict[str, Any]:
    """`openapi_extra` of a route that reads this model; `given` are the fields that do not come from the body."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    parts = schema.pop("$defs", {})
    schema["properties"] = {name: each for name, each in schema.get("properties", {}).items() if name not in given}
    if "required" in schema:
        schema["required"] = [name for name in schema["required"] if name not in given]
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"content": content, "required": required}, SCHEMAS: parts}
