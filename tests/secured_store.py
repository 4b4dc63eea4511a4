"""A document store that speaks TLS only and lets in who has the password: a door before the embedded one, which knows
neither."""

import asyncio
import contextlib
import ssl
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote_plus

import bson

from embedded.ports import LOOPBACK
from tests.certificates import a_certificate

USER: Final = "customer-svc"
PASSWORD: Final = "invented/p@ss:word"

_HEADER: Final = struct.Struct("<iiii")
_MESSAGE: Final = 2013
_OPEN_TO_ALL: Final = {"hello", "ismaster"}
_UNAUTHORIZED: Final = {"code": 13, "codeName": "Unauthorized"}
_NOT_LET_IN: Final = {"code": 18, "codeName": "AuthenticationFailed"}


@dataclass(frozen=True)
class Door:
    """`ca_file` is who signed its certificate, `stranger` somebody else; both as PEM."""

    port: int
    ca_file: Path
    stranger: Path
    certificate_file: Path

    def uri(self, *, host: str = LOOPBACK, user: str = USER, password: str = PASSWORD, tls: str = "tls=true") -> str:
        who = f"{quote_plus(user)}:{quote_plus(password)}"
        return f"mongodb://{who}@{host}:{self.port}/?authMechanism=PLAIN&{tls}"


@asynccontextmanager
async def a_door(home: Path, store_port: int, *, asks_for_certificates: bool = False) -> AsyncIterator[Door]:
    files = {name: home / f"{name}.pem" for name in ("server", "ca", "stranger", "client", "client-ca")}
    key, certificate = a_certificate()
    client_key, client = a_certificate()
    files["server"].write_text(key + certificate)
    files["ca"].write_text(certificate)
    files["stranger"].write_text(a_certificate()[1])
    files["client"].write_text(client_key + client)
    files["client-ca"].write_text(client)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files["server"])
    if asks_for_certificates:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(files["client-ca"])

    visits: set[asyncio.Task[None]] = set()

    async def enter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (visit := asyncio.current_task()) is not None:
            visits.add(visit)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await _visit(reader, writer, store_port)
        finally:
            await _gone(writer)

    async with await asyncio.start_server(enter, LOOPBACK, 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        yield Door(port, files["ca"], files["stranger"], files["client"])
        for visit in visits:
            visit.cancel()
        await asyncio.gather(*visits, return_exceptions=True)


async def _visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, store_port: int) -> None:
    """Until the client goes: what it may ask is handed on to the store, whose answers go back as they are."""
    from_store, to_store = await asyncio.open_connection(LOOPBACK, store_port)
    answering = asyncio.create_task(_pass_on(from_store, writer))
    known = False
    try:
        while True:
            header = await reader.readexactly(_HEADER.size)
            length, id, _, kind = _HEADER.unpack(header)
            body = await reader.readexactly(length - _HEADER.size)
            asked = bson.decode(body[5:]) if kind == _MESSAGE and not known else {}
            command = next(iter(asked), "hello")
            if command == "saslStart":
                known = asked["payload"] == f"\0{USER}\0{PASSWORD}".encode()
                done = {"ok": 1.0, "conversationId": 1, "done": True, "payload": b""}
                writer.write(_answer(id, done if known else _refusal(_NOT_LET_IN)))
            elif known or command.lower() in _OPEN_TO_ALL:
                to_store.write(header + body)
            else:
                writer.write(_answer(id, _refusal(_UNAUTHORIZED)))
    finally:
        answering.cancel()
        await _gone(to_store)


async def _gone(writer: asyncio.StreamWriter) -> None:
    """Closed for certain: what is left open would be told of in somebody else's test."""
    writer.transport.abort()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while found := await reader.read(65_536):
        writer.write(found)


def _refusal(code: Mapping[str, Any]) -> dict[str, Any]:
    return {"ok": 0.0, "errmsg": f"not for {USER}", **code}


def _answer(id: int, said: dict[str, Any]) -> bytes:
    body = struct.pack("<IB", 0, 0) + bson.encode(said)
    return _HEADER.pack(_HEADER.size + len(body), 0, id, _MESSAGE) + body
