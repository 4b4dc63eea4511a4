"""`python -m embedded.autotask`: the API and the tester's side on one port, in one event loop."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from embedded.autotask import webhooks
from embedded.autotask.control import create_control
from embedded.autotask.faults import AutotaskFaults
from embedded.autotask.gate import ROOT, AutotaskApi
from embedded.autotask.limits import Limits
from embedded.autotask.store import Companies
from embedded.simulated.calls import Calls
from embedded.simulated.connections import Connections
from embedded.simulated.faults import FaultDesk
from embedded.simulated.gate import Gate
from embedded.simulated.process import run
from embedded.simulated.webhook_desk import point_webhooks
from embedded.simulated.webhooks import BY_THE_API, Sender


@contextmanager
def simulated(folder: Path, accounts: int, connections: Connections) -> Iterator[ASGIApp]:
    faults, limits, calls = FaultDesk(AutotaskFaults), Limits(), Calls()
    with closing(Companies(folder, accounts=accounts)) as companies:
        control = create_control(companies=companies, faults=faults, limits=limits, calls=calls)
        gate = Gate(AutotaskApi(companies, limits, faults), faults=faults, calls=calls, connections=connections)

        sender = Sender(webhooks.written, webhooks.stopped)
        companies.listen(sender.changed)
        point_webhooks(control, sender)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            of_the_api = scope["type"] == "http" and ROOT in scope["path"].lower()
            BY_THE_API.set(of_the_api)
            await (gate if of_the_api else control)(scope, receive, send)

        yield app


if __name__ == "__main__":
    run("autotask", simulated)
