"""The tester's side: faults, limits, zones, the log of calls, and the companies as a person at the PSA edits them."""

from typing import Any

from fastapi import Body, FastAPI, HTTPException

from embedded.autotask import times, writing
from embedded.autotask.credentials import ZONES
from embedded.autotask.faults import AutotaskFaults
from embedded.autotask.limits import Limits, LimitSettings
from embedded.autotask.store import Companies
from embedded.simulated.calls import Calls
from embedded.simulated.companies import edit_companies
from embedded.simulated.desk import show_calls, switch_faults
from embedded.simulated.faults import FaultDesk


def create_control(*, companies: Companies, faults: FaultDesk[AutotaskFaults], limits: Limits, calls: Calls) -> FastAPI:
    app = FastAPI(title="Simulated Autotask")
    switch_faults(app, faults)
    _set_limits(app, limits)
    show_calls(app, calls)
    edit_companies(
        app,
        companies,
        made=lambda given: writing.created(given, companies),
        edited=lambda row, given: writing.patched(row, given, companies) | {"lastActivityDate": times.now()},
    )

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
