"""The tester's side: faults, tokens, the limit, the agent's rights, and companies as a person at the PSA edits them."""

from typing import Annotated, Any

from fastapi import Body, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

from embedded.halopsa import desk
from embedded.halopsa.answers import ApiRefusal
from embedded.halopsa.limit import Limit, LimitSettings
from embedded.halopsa.rest import Rest
from embedded.halopsa.store import Clients, Row
from embedded.halopsa.tokens import Tokens, TokenSettings
from embedded.simulated.calls import Calls
from embedded.simulated.desk import show_calls, switch_faults
from embedded.simulated.faults import FaultDesk, Faults


def create_control(
    *, clients: Clients, rest: Rest, tokens: Tokens, limit: Limit, faults: FaultDesk[Faults], calls: Calls
) -> FastAPI:
    app = FastAPI(title="Simulated HaloPSA")
    switch_faults(app, faults)
    show_calls(app, calls)
    _set_up(app, rest, tokens, limit)
    _edit_companies(app, clients)

    @app.get("/healthz")
    async def healthz() -> dict[str, Any]:
        return {"status": "ok", "companies": len(clients)}

    return app


def _set_up(app: FastAPI, rest: Rest, tokens: Tokens, limit: Limit) -> None:
    @app.get("/limits")
    async def shown() -> dict[str, int]:
        return limit.settings.model_dump() | {"used": limit.used()}

    @app.put("/limits")
    async def limited(wanted: LimitSettings) -> LimitSettings:
        limit.settings = wanted
        return wanted

    @app.put("/tokens")
    async def shortened(wanted: TokenSettings) -> TokenSettings:
        tokens.settings = wanted
        return wanted

    @app.delete("/tokens", status_code=204)
    async def revoked() -> None:
        """All that were given are taken no more, though their time is not over."""
        tokens.revoke()

    @app.put("/agent")
    async def agent(sees: Annotated[bool, Body(embed=True)]) -> dict[str, bool]:
        """Whether the agent that the application logs in as may see customers."""
        rest.seen = sees
        return {"sees": sees}


def _edit_companies(app: FastAPI, clients: Clients) -> None:
    """Companies by the ids of clients, each with its main site, in one flat object."""

    def known(number: int) -> Row:
        found = clients.get(number)
        if found is None:
            raise HTTPException(404, "there is no client of that id")
        return found

    @app.exception_handler(ApiRefusal)
    async def refused(_: Request, refusal: ApiRefusal) -> JSONResponse:
        return JSONResponse(refusal.answer.payload, 422)

    @app.get("/companies")
    async def listed(after: int = -1, limit: int = 1000) -> list[Row]:
        found = clients.after(after)
        return [desk.flat(row) for row, _ in zip(found, range(limit), strict=False)]

    @app.get("/companies/{number}")
    async def shown(number: int) -> Row:
        return desk.flat(known(number))

    @app.post("/companies", status_code=201)
    async def made(given: dict[str, Any]) -> Row:
        return desk.flat(desk.made(given, clients))

    @app.patch("/companies/{number}")
    async def edited(number: int, given: dict[str, Any]) -> Row:
        return desk.flat(desk.edited(known(number), given, clients))

    @app.delete("/companies/{number}", status_code=204)
    async def deleted(number: int) -> None:
        clients.delete(known(number)["id"])
