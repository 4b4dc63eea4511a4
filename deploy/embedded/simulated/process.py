"""A simulated PSA as a process: `--port`, `--data-dir`, `--accounts`, `--host`, and one event loop until a signal."""

import argparse
import asyncio
import sqlite3
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from embedded.ports import LOOPBACK
from embedded.simulated.connections import Connections
from embedded.simulated.samples import SAMPLES

Make = Callable[[Path, int, Connections], AbstractContextManager[ASGIApp]]
"""The application over a directory with so many accounts, to be closed in the end."""


def run(name: str, make: Make) -> None:
    """`name`: the module's, as in `embedded.autotask`."""
    parser = argparse.ArgumentParser(prog=f"python -m embedded.{name}")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--accounts", type=int, default=SAMPLES, help="accounts in a new directory")
    parser.add_argument("--host", default=LOOPBACK, help="0.0.0.0 in a container; it lets anybody in who reaches it")
    given = parser.parse_args()
    try:
        asyncio.run(_serve(given, make))
    except KeyboardInterrupt:
        sys.exit(130)
    except (OSError, sqlite3.Error) as error:
        sys.exit(f"simulated {name}: {error}. Are --port and --data-dir free to use?")


async def _serve(given: argparse.Namespace, make: Make) -> None:
    connections = Connections()
    with make(given.data_dir, given.accounts, connections) as app:
        config = uvicorn.Config(
            app,
            host=given.host,
            port=given.port,
            http=connections.protocol(),
            log_level="warning",
            timeout_graceful_shutdown=5,
        )
        await uvicorn.Server(config).serve()
