"""Toy parts: processes that answer HTTP and nothing else."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from embedded.part import Part
from embedded.ports import free_port

SERVER = """
import http.server, sys
class Ok(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Ok).serve_forever()
"""

MakePart = Callable[..., Part]


@pytest.fixture
def make_part(tmp_path: Path) -> Iterator[MakePart]:
    made: list[Part] = []

    def make(name: str, code: str = SERVER) -> Part:
        port = free_port()
        part = Part(name, [sys.executable, "-c", code, str(port)], port, tmp_path / f"{name}.log", health="/healthz")
        made.append(part)
        return part

    yield make
    for part in made:
        part.kill()
