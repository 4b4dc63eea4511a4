"""`python -m embedded.connectwise`: the API and the tester's side on one port, in one event loop."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from embedded.connectwise import webhooks
from embedded.connectwise.control import create_control
from embedded.connectwise.gate import ConnectwiseApi, of_the_api
from embedded.connectwise.store import Companies
from embedded.simulated.calls import Calls
from embedded.simulated.connections import Connections
from embedded.simulated.faults import FaultDesk, Faults
from embedded.simulated.gate import Gate
from embedded.simulated.process import run
from embedded.simulated.webhook_desk import point_webhooks
from embedded.simulated.webhooks import BY_THE_API, Sender


@contextmanager
def simulated(folder: Path, accounts: int, connections: Connections) -> Iterator[ASGIApp]:
    faults, calls = FaultDesk(Faults), Calls()
    with closing(Companies(folder, accounts=accounts)) as companies:
        control = create_control(companies=companies, faults=faults, calls=calls)
        gate = Gate(ConnectwiseApi(companies, faults), faults=faults, calls=calls, connections=connections)

        sender = Sender(webhooks.written)
        companies.listen(sender.changed)
        point_webhooks(control, sender)
        webhooks.show_key(control)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            api = scope["type"] == "http" and of_the_api(scope["path"])
            BY_THE_API.set(api)
            await (gate if api else control)(scope, receive, send)

        yield app


if __name__ == "__main__":
    run("connectwise", simulated)
