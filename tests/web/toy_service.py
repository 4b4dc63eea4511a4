"""A service of nothing but this room's parts, run as a process of its own by test_process.py."""

import asyncio
import os
import time
from unittest.mock import patch

from shared.engine.errors import Unavailable
from shared.settings import AuthSettings, load
from shared.web import process
from shared.web.app import create_app
from shared.web.auth import Authenticator
from shared.web.process import Parts, run

MODE = os.environ.get("TOY_MODE", "")


async def build() -> Parts:
    if MODE == "cannot-build":
        raise ValueError("secret of ann@example.org")
    app = create_app("Toy", "1", service="toy-svc", authenticator=Authenticator(load(AuthSettings)))
    tries = 0

    @app.get("/slow")
    async def slow() -> str:
        await asyncio.sleep(0.4)
        return "done"

    async def start() -> None:
        nonlocal tries
        tries += 1
        if MODE == "broken-start":
            raise KeyError("ann@example.org")
        if MODE == "away" or tries < 3:
            raise Unavailable("document store: ServerSelectionTimeoutError")

    async def stop() -> None:
        if MODE == "hangs":
            await asyncio.sleep(60)
        if MODE == "blocks":
            time.sleep(60)  # noqa: ASYNC251 - that is the fault
        if MODE == "broken-stop":
            raise RuntimeError("ann@example.org")

    return Parts(app, start, stop)


if __name__ == "__main__":
    with patch.multiple(process, STOP_S=0.5, HARD_S=1.5):
        run("toy-svc", build)
