"""One process: its start, its end, and the end of who started it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from embedded.part import Part, PartFailed
from embedded.ports import LOOPBACK, free_port

SERVER = """
import http.server, sys
class Ok(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" else 503)
        self.end_headers()
    def log_message(self, *_):
        pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ok).serve_forever()
"""

MakePart = Callable[..., Part]


@pytest.fixture
def make_part(tmp_path: Path) -> Iterator[MakePart]:
    made: list[Part] = []

    def make(code: str = SERVER, **more: object) -> Part:
        port = free_port()
        part = Part("toy", [sys.executable, "-c", code, str(port)], port, tmp_path / "toy.log")
        for name, value in more.items():
            setattr(part, name, value)
        made.append(part)
        return part

    yield make
    for part in made:
        part.kill()


def _is_gone(pid: int, within_s: float = 5.0) -> bool:
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state in "ZX":
            return True
        time.sleep(0.02)
    return False


def test_a_part_is_ready_when_its_port_answers_and_gone_after_its_stop(make_part: MakePart) -> None:
    part = make_part()

    part.start()
    assert part.alive()
    assert part.ready()
    part.stop()

    assert not part.alive()
    assert _is_gone(part.pid)


def test_a_part_with_a_health_path_is_ready_only_when_that_answers_200_else_its_last_words_are_told(
    make_part: MakePart,
) -> None:
    part = make_part("print('waits for a broker', flush=True)\n" + SERVER, health="/readyz", start_limit=2.0)

    with pytest.raises(PartFailed, match="not ready within 2 s:\nwaits for a broker"):
        part.start()

    assert not part.alive()


def test_a_killed_part_starts_again_on_its_port(make_part: MakePart) -> None:
    part = make_part(health="/healthz")
    part.start()
    port, pid = part.port, part.pid

    part.kill()
    part.start()

    assert (part.port, part.alive()) == (port, True)
    assert part.pid != pid


def test_a_port_in_use_is_told_before_anything_is_started(make_part: MakePart) -> None:
    part = make_part()
    with socket.socket() as other:
        other.bind((LOOPBACK, part.port))
        other.listen()

        with pytest.raises(PartFailed, match=f"toy: port {part.port} is in use by another program"):
            part.start()

    assert part.process is None


def test_a_part_that_ends_at_its_start_is_told_with_its_last_words(make_part: MakePart) -> None:
    part = make_part("import sys; sys.exit('no such broker: nowhere')")

    with pytest.raises(PartFailed, match="no such broker: nowhere"):
        part.start()


def test_a_part_that_ignores_the_request_to_end_is_killed(make_part: MakePart) -> None:
    part = make_part("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SERVER, stop_limit=0.3)
    part.start()

    part.stop()

    assert part.process is not None
    assert part.process.returncode == -signal.SIGKILL


def test_killing_a_part_takes_what_it_started_with_it(make_part: MakePart, tmp_path: Path) -> None:
    child = tmp_path / "child"
    code = "import subprocess, pathlib; child = subprocess.Popen(['sleep', '60'])\n"
    part = make_part(f"{code}pathlib.Path({str(child)!r}).write_text(str(child.pid))\n{SERVER}")
    part.start()

    part.kill()

    assert _is_gone(int(child.read_text()))


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel does this on Linux only")
def test_no_part_outlives_who_started_it_not_even_a_stopped_one(tmp_path: Path) -> None:
    code = (
        "import pathlib, sys, time; from embedded.part import Part; "
        "part = Part('toy', ['sleep', '60'], 1, pathlib.Path(sys.argv[1])); part.launch(); "
        "print(part.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        os.kill(pid, signal.SIGSTOP)

        owner.kill()

    assert _is_gone(pid)
