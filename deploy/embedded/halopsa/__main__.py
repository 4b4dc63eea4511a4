"""`python -m embedded.halopsa`: the API and the tester's side on one port, in one event loop."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from embedded.halopsa import webhooks
from embedded.halopsa.control import create_control
from embedded.halopsa.gate import HaloApi, of_the_api
from embedded.halopsa.limit import Limit
from embedded.halopsa.rest import Rest
from embedded.halopsa.store import Clients
from embedded.halopsa.tokens import Tokens
from embedded.simulated.calls import Calls
from embedded.simulated.connections import Connections
from embedded.simulated.faults import FaultDesk, Faults
from embedded.simulated.gate import Gate
from embedded.simulated.process import run
from embedded.simulated.webhook_desk import point_webhooks
from embedded.simulated.webhooks import BY_THE_API, Sender


@contextmanager
def simulated(folder: Path, accounts: int, connections: Connections) -> Iterator[ASGIApp]:
    faults, calls, tokens, limit = FaultDesk(Faults), Calls(), Tokens(), Limit()
    with closing(Clients(folder, accounts=accounts)) as clients:
        rest = Rest(clients, limit)
        control = create_control(clients=clients, rest=rest, tokens=tokens, limit=limit, faults=faults, calls=calls)
        api = HaloApi(rest, tokens, limit, faults)
        gate = Gate(api, faults=faults, calls=calls, connections=connections)

        sender = Sender(webhooks.written)
        clients.listen(sender.changed)
        point_webhooks(control, sender)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            asked = scope["type"] == "http" and of_the_api(scope["path"])
            BY_THE_API.set(asked)
            await (gate if asked else control)(scope, receive, send)

        yield app


if __name__ == "__main__":
    run("halopsa", simulated)
