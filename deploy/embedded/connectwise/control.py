"""The tester's side: faults, the codebase, the log of calls, and the companies as a person at the PSA edits them."""

from typing import Annotated, Any

from fastapi import Body, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

from embedded.connectwise import writing
from embedded.connectwise.answers import ApiRefusal
from embedded.connectwise.credentials import CODEBASES
from embedded.connectwise.store import Companies, Row
from embedded.simulated.calls import Calls
from embedded.simulated.desk import show_calls, switch_faults
from embedded.simulated.faults import FaultDesk, Faults


def create_control(*, companies: Companies, faults: FaultDesk[Faults], calls: Calls) -> FastAPI:
    app = FastAPI(title="Simulated ConnectWise PSA")
    switch_faults(app, faults)
    show_calls(app, calls)
    _edit_companies(app, companies)

    @app.get("/healthz")
    async def healthz() -> dict[str, Any]:
        return {"status": "ok", "companies": len(companies), "codebase": companies.codebase}

    @app.put("/codebase")
    async def upgrade(codebase: Annotated[str, Body(embed=True)]) -> dict[str, str]:
        """The vendor upgrades: the addresses that clients know are gone from now on."""
        if codebase not in CODEBASES:
            raise HTTPException(422, f"the codebases are {', '.join(CODEBASES)}")
        companies.upgrade_to(codebase)
        return {"codebase": codebase}

    return app


def _edit_companies(app: FastAPI, companies: Companies) -> None:
    def known(number: int) -> Row:
        found = companies.get(number)
        if found is None:
            raise HTTPException(404, "there is no company of that id")
        return found

    @app.exception_handler(ApiRefusal)
    async def refused(_: Request, refusal: ApiRefusal) -> JSONResponse:
        return JSONResponse(refusal.answer.payload, 422)

    @app.get("/companies")
    async def listed(after: int = -1, limit: int = 1000) -> list[Row]:
        found = companies.after(after)
        return [row for row, _ in zip(found, range(limit), strict=False)]

    @app.get("/companies/{number}")
    async def shown(number: int) -> Row:
        return known(number)

    @app.post("/companies", status_code=201)
    async def made(given: dict[str, Any]) -> Row:
        row = writing.created(given, companies)
        companies.save(row)
        return row

    @app.patch("/companies/{number}")
    async def edited(number: int, given: dict[str, Any]) -> Row:
        row = writing.edited(known(number), given, companies)
        companies.save(row)
        return row

    @app.delete("/companies/{number}", status_code=204)
    async def deleted(number: int) -> None:
        """For good; a company that is only flagged is edited with `deletedFlag`."""
        companies.delete(known(number)["id"])
