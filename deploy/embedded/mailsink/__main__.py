"""`python -m embedded.mailsink`: both sides in one process and one event loop, so that they share the mails."""

import argparse
import asyncio
import sys
from pathlib import Path

import uvicorn

from embedded.mailsink.faults import FaultDesk
from embedded.mailsink.smtp import conversation_factory
from embedded.mailsink.store import MailStore
from embedded.mailsink.web import create_web
from embedded.ports import LOOPBACK


async def serve(*, host: str, smtp_port: int, http_port: int, data_dir: Path) -> None:
    """Until SIGTERM or SIGINT. SMTP is open before HTTP answers, so `/healthz` tells that both are there."""
    store, faults = MailStore(data_dir), FaultDesk()
    factory = conversation_factory(store=store, faults=faults)
    smtp = await asyncio.get_running_loop().create_server(factory, host, smtp_port)
    config = uvicorn.Config(
        create_web(store=store, faults=faults),
        host=host,
        port=http_port,
        log_level="warning",
        timeout_graceful_shutdown=5,
    )
    try:
        await uvicorn.Server(config).serve()
    finally:
        smtp.close()
        store.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m embedded.mailsink", description=__doc__)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--host", default=LOOPBACK, help="0.0.0.0 in a container; it lets anybody in who reaches it")
    given = parser.parse_args()
    try:
        asyncio.run(serve(**vars(given)))
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit(f"mail sink: {error.strerror}. Are --smtp-port and --data-dir free to use?")


if __name__ == "__main__":
    main()
