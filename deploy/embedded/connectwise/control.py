"""The tester's side: faults, the codebase, the log of calls, and the companies as a person at the PSA edits them."""

from typing import Annotated, Any

from fastapi import Body, FastAPI, HTTPException

from embedded.connectwise import writing
from embedded.connectwise.credentials import CODEBASES
from embedded.connectwise.store import Companies
from embedded.simulated.calls import Calls
from embedded.simulated.companies import edit_companies
from embedded.simulated.desk import show_calls, switch_faults
from embedded.simulated.faults import FaultDesk, Faults


def create_control(*, companies: Companies, faults: FaultDesk[Faults], calls: Calls) -> FastAPI:
    app = FastAPI(title="Simulated ConnectWise PSA")
    switch_faults(app, faults)
    show_calls(app, calls)
    edit_companies(
        app,
        companies,
        made=lambda given: writing.created(given, companies),
        edited=lambda row, given: writing.edited(row, given, companies),
    )

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
