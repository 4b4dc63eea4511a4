"""`python -m embedded.autotask`: the API and the tester's side on one port, in one event loop."""

import argparse
import asyncio
import sqlite3
import sys
from pathlib import Path

import uvicorn
from starlette.types import Receive, Scope, Send

from embedded.autotask.calls import Calls
from embedded.autotask.connections import Connections
from embedded.autotask.control import create_control
from embedded.autotask.faults import FaultDesk
from embedded.autotask.gate import ROOT, Gate
from embedded.autotask.limits import Limits
from embedded.autotask.samples import SAMPLES
from embedded.autotask.store import Companies

_HOST = "127.0.0.1"


async def serve(*, port: int, data_dir: Path, accounts: int) -> None:
    """Until SIGTERM or SIGINT."""
    companies, connections = Companies(data_dir, accounts=accounts), Connections()
    faults, limits, calls = FaultDesk(), Limits(), Calls()
    control = create_control(companies=companies, faults=faults, limits=limits, calls=calls)
    gate = Gate(companies=companies, faults=faults, limits=limits, calls=calls, connections=connections)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        of_the_api = scope["type"] == "http" and ROOT in scope["path"].lower()
        await (gate if of_the_api else control)(scope, receive, send)

    config = uvicorn.Config(
        app,
        host=_HOST,
        port=port,
        http=connections.protocol(),
        log_level="warning",
        timeout_graceful_shutdown=5,
    )
    try:
        await uvicorn.Server(config).serve()
    finally:
        companies.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m embedded.autotask", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--accounts", type=int, default=SAMPLES, help="companies in a new directory")
    given = parser.parse_args()
    try:
        asyncio.run(serve(port=given.port, data_dir=given.data_dir, accounts=given.accounts))
    except KeyboardInterrupt:
        sys.exit(130)
    except (OSError, sqlite3.Error) as error:
        sys.exit(f"simulated Autotask: {error}. Are --port and --data-dir free to use?")


if __name__ == "__main__":
    main()
