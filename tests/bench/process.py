"""customer-svc as a process of its own, as an operator runs it."""

import asyncio
import json
import os
import sys
from pathlib import Path

import httpx
import psutil
from joserfc.jwk import RSAKey

from embedded.ports import free_port
from embedded.stack import Stack
from shared.kafka.admin import create_topics

LIMIT_S = 60.0


class Service:
    """Started with its own database; its log is beside its key set."""

    def __init__(self, stack: Stack, prefix: str, home: Path) -> None:
        self._servers = stack.bootstrap_servers
        self.log = home / "customer-svc.log"
        keys = home / "keys.json"
        key = RSAKey.generate_key(2048, {"kid": "bench", "use": "sig", "alg": "RS256"})
        keys.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._env = {
            **os.environ,
            "REBILLING_KAFKA__BOOTSTRAP_SERVERS": stack.bootstrap_servers,
            "REBILLING_MONGODB__URI": stack.mongodb_uri,
            "REBILLING_MONGODB__DATABASE_PREFIX": prefix,
            "REBILLING_AUTH__JWKS_FILE": str(keys),
            "REBILLING_AUTH__ISSUER": "bench",
            "REBILLING_AUTH__AUDIENCE": "rebilling",
            "REBILLING_HTTP__PORT": str(port),
            "REBILLING_TELEMETRY__LOG_FORMAT": "json",
        }

    async def start(self) -> None:
        await create_topics(self._servers)
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", "from customer_svc.app import main; main()", env=self._env, stdout=log, stderr=log
            )
        async with asyncio.timeout(LIMIT_S), httpx.AsyncClient(timeout=5.0) as client:
            while not await self._ready(client):  # noqa: ASYNC110 - the process answers only when it is asked
                await asyncio.sleep(0.1)

    async def _ready(self, client: httpx.AsyncClient) -> bool:
        try:
            return (await client.get(f"{self.url}/readyz")).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def resident_mb(self) -> float:
        return float(psutil.Process(self.process.pid).memory_info().rss) / 1024 / 1024

    async def stop(self) -> None:
        self.process.terminate()
        await asyncio.wait_for(self.process.wait(), LIMIT_S)
