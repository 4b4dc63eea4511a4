"""The tester's side: faults, tokens, the limit, the agent's rights, and companies as a person at the PSA edits them."""

from typing import Annotated, Any

from fastapi import Body, FastAPI

from embedded.halopsa import desk
from embedded.halopsa.limit import Limit, LimitSettings
from embedded.halopsa.rest import Rest
from embedded.halopsa.store import Clients
from embedded.halopsa.tokens import Tokens, TokenSettings
from embedded.simulated.calls import Calls
from embedded.simulated.companies import edit_companies
from embedded.simulated.desk import show_calls, switch_faults
from embedded.simulated.faults import FaultDesk, Faults


def create_control(
    *, clients: Clients, rest: Rest, tokens: Tokens, limit: Limit, faults: FaultDesk[Faults], calls: Calls
) -> FastAPI:
    app = FastAPI(title="Simulated HaloPSA")
    switch_faults(app, faults)
    show_calls(app, calls)
    _set_up(app, rest, tokens, limit)
    edit_companies(app, clients, made=lambda given: desk.made(given, clients), edited=desk.edited, shown=desk.flat)

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
