"""The HTTP server on its own: from when on it can be reached, and what a client on a kept connection waits for."""

import asyncio
import socket

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from shared.web.server import CannotListen, HttpServer


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


async def test_who_knows_the_address_can_connect_before_the_server_has_had_its_first_turn() -> None:
    """A service says where it listens at once; a probe that came in the moment after was refused."""
    app = FastAPI()
    app.get("/")(lambda: "here")
    server = HttpServer(app, "127.0.0.1", 0)
    task = server.start()

    with socket.create_connection((server.host, server.port), timeout=5):
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.get(server.url)).json() == "here"
    await server.stop()
    await asyncio.wait_for(task, 5)


def test_of_two_that_start_at_the_same_moment_one_is_told_that_the_port_is_taken() -> None:
    """Both can bind: it is the first to listen who has the port."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        first = HttpServer(FastAPI(), "127.0.0.1", port)
        with pytest.raises(CannotListen, match=f"127.0.0.1:{port} .*in use"):
            HttpServer(FastAPI(), "127.0.0.1", port)
        first._socket.close()  # it was never started, so there is nothing to stop
