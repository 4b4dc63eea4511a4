"""The health check inside a container: it says what the service itself says."""

import http.server
import threading
from collections.abc import Iterator
from http import HTTPStatus

import pytest

from embedded.ports import free_port
from shared.web.probe import main


class Toy(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status = HTTPStatus.OK if self.path == "/healthz" else HTTPStatus.SERVICE_UNAVAILABLE
        self.send_response(status)
        self.end_headers()
        self.wfile.write(self.path.encode())

    def log_message(self, *_: object) -> None:
        """Not in a test's output."""


@pytest.fixture
def serving(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Toy) as server:
        monkeypatch.setenv("REBILLING_HTTP__PORT", str(server.server_address[1]))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("serving")
def test_a_service_that_lives_is_healthy(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out == "/healthz\n"


@pytest.mark.usefixtures("serving")
def test_a_service_that_says_no_is_not() -> None:
    assert main(["/readyz"]) == 1


def test_nor_is_one_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("REBILLING_HTTP__PORT", str(free_port()))

    assert main([]) == 1
    assert capsys.readouterr().out == "ConnectionRefusedError\n"
