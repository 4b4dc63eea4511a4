"""The HTTP server on its own: what a client on a kept connection waits for."""

import asyncio
import socket

import httpx
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from shared.web.server import HttpServer


async def test_an_answer_is_sent_at_once_and_waits_for_no_confirmation_of_the_part_before() -> None:
    """Nagle's algorithm and a client's delayed confirmation together cost 40 ms for every answer."""
    served: list[socket.socket] = []
    answers = FastAPI()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        served.extend(connection.transport.get_extra_info("socket") for connection in connections)
        await answers(scope, receive, send)

    server = HttpServer(app, "127.0.0.1", 0)
    connections = server._server.server_state.connections  # a server tells nobody of its connections
    task = server.start()
    async with httpx.AsyncClient(trust_env=False) as client:
        await client.get(server.url)
        options = [each.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for each in served]
    await server.stop()
    await asyncio.wait_for(task, 5)

    assert len(options) == 1
    assert all(options)
