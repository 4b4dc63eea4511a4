"""A service as a process of its own on the session's servers, told everything by settings, as an operator runs it."""

import asyncio
import os
import signal
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embedded.part import Part
from embedded.ports import LOOPBACK, free_port
from embedded.stack import Stack
from ops.identity import ALGORITHM, AUDIENCE, ISSUER, identity_in
from tests.component.records import LIMIT_S


def a_service(name: str, stack: Stack, prefix: str, home: Path, **more: str) -> Part:
    """Not started yet. It believes tokens of `identity_in(home)`; `prefix` keeps its databases apart from others'.

    `more` are settings without their `REBILLING_`.
    """
    port = free_port()
    told = {
        "KAFKA__BOOTSTRAP_SERVERS": stack.bootstrap_servers,
        "MONGODB__URI": stack.mongodb_uri,
        "MONGODB__DATABASE_PREFIX": prefix,
        "AUTH__JWKS_FILE": str(identity_in(home).jwks_file),
        "AUTH__ISSUER": ISSUER,
        "AUTH__AUDIENCE": AUDIENCE,
        "AUTH__ALGORITHM": ALGORITHM,
        "HTTP__PORT": str(port),
        "TELEMETRY__LOG_FORMAT": "json",
        **more,
    }
    env = {f"REBILLING_{name}": value for name, value in told.items()}
    command = [str(Path(sysconfig.get_path("scripts")) / name)]
    return Part(name, command, port, home / f"{name}-{port}.log", env=env, health="/readyz", stop_limit=LIMIT_S)


def a_mail_sink(home: Path) -> tuple[Part, dict[str, str]]:
    """Not started yet; with the settings that have a service mail to it."""
    smtp, http = free_port(), free_port()
    command = [sys.executable, "-m", "embedded.mailsink", "--smtp-port", str(smtp), "--http-port", str(http)]
    sink = Part("mail", [*command, "--data-dir", str(home / "mail")], http, home / "mail.log", health="/healthz")
    return sink, {"SMTP__HOST": LOOPBACK, "SMTP__PORT": str(smtp), "SMTP__LOOKUP": f"{sink.url}/messages"}


async def ready(*parts: Part) -> None:
    """Returns once all of them serve."""
    for part in parts:
        async with asyncio.timeout(LIMIT_S):
            while not await asyncio.to_thread(part.ready):  # noqa: ASYNC110 - it answers only when it is asked
                await asyncio.sleep(0.05)


@contextmanager
def silent(*parts: Part) -> Iterator[None]:
    """They are there and answer nothing, until it is over."""
    for part in parts:
        os.kill(part.pid, signal.SIGSTOP)
        os.waitpid(part.pid, os.WUNTRACED)  # until all of it has stopped
    try:
        yield
    finally:
        for part in parts:
            os.kill(part.pid, signal.SIGCONT)


async def stopped(part: Part) -> int:
    """Asks it to end, and answers its exit code."""
    await asyncio.to_thread(part.stop)
    assert part.process is not None
    return int(part.process.returncode)
