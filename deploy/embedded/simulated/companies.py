"""The companies of a simulated PSA as a person there lists and edits them, for testers."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

from embedded.simulated.records import Records, Row

Made = Callable[[Mapping[str, Any]], Row]
Edited = Callable[[Row, Mapping[str, Any]], Row]


class Refusal(Exception):  # noqa: N818 - an answer, raised where it is found
    """What cannot be had, in the API's own shape; each API has a class of its own that knows the rest."""

    def __init__(self, payload: Any) -> None:
        super().__init__(payload)
        self.payload = payload


def edit_companies(
    app: FastAPI, companies: Records, *, made: Made, edited: Edited, shown: Callable[[Row], Row] = dict
) -> None:
    """`made`, `edited`: the row to be kept; they raise `Refusal` as the API would. `shown`: as a person sees it."""
    _read(app, companies, shown)

    def kept(row: Row) -> Row:
        companies.save(row)
        return shown(row)

    @app.exception_handler(Refusal)
    async def refused(_: Request, refusal: Refusal) -> JSONResponse:
        return JSONResponse(refusal.payload, 422)

    @app.post("/companies", status_code=201)
    async def make(given: dict[str, Any]) -> Row:
        return kept(made(given))

    @app.patch("/companies/{number}")
    async def edit(number: int, given: dict[str, Any]) -> Row:
        return kept(edited(_known(companies, number), given))

    @app.delete("/companies/{number}", status_code=204)
    async def delete(number: int) -> None:
        """For good; where a PSA only flags what is deleted, that is an edit."""
        companies.delete(_known(companies, number)["id"])


def _read(app: FastAPI, companies: Records, shown: Callable[[Row], Row]) -> None:
    @app.get("/companies")
    async def listed(after: int = -1, limit: int = 1000) -> list[Row]:
        return [shown(row) for row, _ in zip(companies.after(after), range(limit), strict=False)]

    @app.get("/companies/{number}")
    async def one(number: int) -> Row:
        return shown(_known(companies, number))


def _known(companies: Records, number: int) -> Row:
    found = companies.get(number)
    if found is None:
        raise HTTPException(404, "there is no company of that id")
    return found
