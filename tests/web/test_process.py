import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
import pytest

TOY = Path(__file__).with_name("toy_service.py")
ROOT = Path(__file__).parents[2]
A_HANG_S = 120.0
"""Only what hangs is not there by then, however busy the machine is."""


class Toy:
    """The toy service as a process, and what it has said so far."""

    def __init__(self, folder: Path, mode: str, **settings: str) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("REBILLING_")}
        given = {
            "REBILLING_HTTP__PORT": "0",
            "REBILLING_AUTH__ISSUER": "i",
            "REBILLING_AUTH__AUDIENCE": "a",
            "REBILLING_AUTH__JWKS_FILE": str(folder / "keys.json"),
        }
        self._out = folder / "out.txt"
        with self._out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, str(TOY)],
                env=kept | given | settings | {"TOY_MODE": mode, "PYTHONPATH": str(ROOT)},
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    @property
    def text(self) -> str:
        return self._out.read_text()

    def said(self, event: str) -> dict[str, Any]:
        """The first line with this event, as soon as it is there."""
        until = monotonic() + A_HANG_S
        while monotonic() < until:
            for line in self.text.splitlines():
                if f'"event": "{event}"' in line:
                    found: dict[str, Any] = json.loads(line)
                    return found
            if self.process.poll() is not None and f'"event": "{event}"' not in self.text:
                break
            sleep(0.02)
        raise AssertionError(f"not said: {event}\n{self.text}")

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.said("listening")["url"] + path, timeout=A_HANG_S, trust_env=False)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(A_HANG_S)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def toy(request: pytest.FixtureRequest, folder: Path) -> Iterator[Toy]:
    toy = Toy(folder, getattr(request, "param", ""))
    yield toy
    if toy.process.poll() is None:
        toy.process.kill()
    toy.process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_waits_for_what_is_away_and_says_so_and_stops_cleanly(toy: Toy, number: int) -> None:
    assert toy.said("waiting to start")["error"].endswith("Unavailable: document store: ServerSelectionTimeoutError")
    toy.said("started")
    assert toy.get("/readyz").status_code == 200

    assert toy.end(number) == 0
    toy.said("stopped")
    assert all(line.startswith("{") for line in toy.text.splitlines())


@pytest.mark.parametrize("toy", ["away"], indirect=True)
def test_it_answers_while_it_waits_and_stops_then_too(toy: Toy) -> None:
    assert toy.get("/healthz").status_code == 200
    assert toy.get("/readyz").status_code == 503
    toy.said("waiting to start")

    assert toy.end() == 0


def test_a_request_on_its_way_is_answered(toy: Toy) -> None:
    toy.said("started")
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(toy.get, "/slow")
        sleep(0.15)
        assert toy.end() == 0

        assert answer.result().json() == "done"


@pytest.mark.parametrize("toy", ["hangs"], indirect=True)
def test_parts_that_do_not_stop_in_time_are_left(toy: Toy) -> None:
    toy.said("started")

    assert toy.end() == 0
    toy.said("some parts did not stop in time")


@pytest.mark.parametrize("toy", ["blocks"], indirect=True)
def test_a_process_that_hangs_ends_hard(toy: Toy) -> None:
    toy.said("started")

    assert toy.end() == 70


@pytest.mark.parametrize("toy", ["broken-stop"], indirect=True)
def test_a_stop_that_fails_is_told(toy: Toy) -> None:
    toy.said("started")

    assert toy.end() == 0
    assert toy.said("stopping failed")["error_type"] == "RuntimeError"


@pytest.mark.parametrize(
    ("toy", "event"),
    [("broken-start", "cannot go on"), ("cannot-build", "the service cannot be put together")],
    indirect=["toy"],
)
def test_what_cannot_be_waited_out_ends_the_process(toy: Toy, event: str) -> None:
    assert toy.process.wait(A_HANG_S) == 1
    assert "exception" in toy.said(event)
    assert "ann@" not in toy.text
    assert "Traceback" not in toy.text


def test_a_port_in_use_is_told_in_one_line(folder: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        toy = Toy(folder, "", REBILLING_HTTP__PORT=str(port))
        assert toy.process.wait(A_HANG_S) == 2

    assert toy.text.startswith(f"configuration: cannot listen on 127.0.0.1:{port} (Address already in use)")
    assert "REBILLING_HTTP__PORT" in toy.text
    assert len(toy.text.splitlines()) == 1


def test_wrong_settings_are_told_without_a_traceback(folder: Path) -> None:
    toy = Toy(folder, "", REBILLING_AUTH__ISSUER="")

    assert toy.process.wait(A_HANG_S) == 2
    assert toy.text == "configuration: REBILLING_AUTH__ISSUER is not set (the `iss` of the tokens): set it\n"
