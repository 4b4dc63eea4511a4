"""The tester's side: faults, limits, zones, the log of calls, and the companies as a person at the PSA edits them."""

from typing import Any

from fastapi import Body, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

from embedded.autotask import times, writing
from embedded.autotask.answers import ApiRefusal
from embedded.autotask.credentials import ZONES
from embedded.autotask.faults import AutotaskFaults
from embedded.autotask.limits import Limits, LimitSettings
from embedded.autotask.store import Companies, Row
from embedded.simulated.calls import Calls
from embedded.simulated.desk import show_calls, switch_faults
from embedded.simulated.faults import FaultDesk


def create_control(*, companies: Companies, faults: FaultDesk[AutotaskFaults], limits: Limits, calls: Calls) -> FastAPI:
    app = FastAPI(title="Simulated Autotask")
    switch_faults(app, faults)
    _set_limits(app, limits)
    show_calls(app, calls)
    _edit_companies(app, companies)

    @app.get("/healthz")
    async def healthz() -> dict[str, Any]:
        return {"status": "ok", "companies": len(companies), "zone": companies.zone}

    @app.put("/zone")
    async def move(zone: str = Body(embed=True)) -> dict[str, str]:
        """The tenant moves: what its clients know of its address is wrong from now on."""
        if zone not in ZONES:
            raise HTTPException(422, f"the zones are {', '.join(ZONES)}")
        companies.move_to(zone)
        return {"zone": zone}

    return app


def _set_limits(app: FastAPI, limits: Limits) -> None:
    @app.get("/limits")
    async def shown() -> dict[str, Any]:
        return limits.settings.model_dump() | limits.told()

    @app.put("/limits")
    async def set_to(wanted: LimitSettings) -> LimitSettings:
        limits.settings = wanted
        return wanted


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
        row = writing.patched(known(number), given, companies) | {"lastActivityDate": times.now()}
        companies.save(row)
        return row

    @app.delete("/companies/{number}", status_code=204)
    async def deleted(number: int) -> None:
        companies.delete(known(number)["id"])
