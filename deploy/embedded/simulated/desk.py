"""The tester's side that every simulated PSA has: faults, and the log of calls."""

from typing import Annotated, Any

from fastapi import Body, FastAPI, HTTPException
from pydantic import ValidationError

from embedded.simulated.calls import Calls
from embedded.simulated.faults import F, FaultDesk


def switch_faults(app: FastAPI, faults: FaultDesk[F]) -> None:
    @app.get("/faults")
    async def shown() -> dict[str, Any]:
        return faults.faults.model_dump()

    @app.put("/faults")
    @app.post("/faults")
    async def switched(wanted: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
        try:
            faults.set(faults.kind.model_validate(wanted))
        except ValidationError as error:
            raise HTTPException(422, error.errors(include_url=False, include_context=False)) from error
        return faults.faults.model_dump()

    @app.delete("/faults", status_code=204)
    async def off() -> None:
        faults.set(faults.kind())


def show_calls(app: FastAPI, calls: Calls) -> None:
    @app.get("/calls")
    async def listed(endpoint: str | None = None, method: str | None = None) -> list[dict[str, Any]]:
        return calls.listed(endpoint, method)

    @app.delete("/calls", status_code=204)
    async def forget() -> None:
        calls.clear()
