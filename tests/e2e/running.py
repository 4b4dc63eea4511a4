"""`rebilling up` as a person or a script runs it: a process of its own, with everything real."""

import json
import os
import subprocess
import sysconfig
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

REBILLING = str(Path(sysconfig.get_path("scripts")) / "rebilling")
START_S = 120.0
COMMAND_S = 420.0
"""Longer than all that the command itself waits for: it ends by its own limits, and says which part was not ready."""


@contextmanager
def up(data_dir: Path, *options: str) -> Iterator[tuple["subprocess.Popen[str]", Path]]:
    """The command, started; killed at the end if it is still there, and with it all that it started."""
    file = data_dir.parent / "endpoints.json"
    command = [REBILLING, "up", "--data-dir", str(data_dir), "--endpoints-file", str(file), *options]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REBILLING_FAILPOINT")}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as process:
        try:
            yield process, file
        except BaseException:
            process.kill()
            print(*_told(process, data_dir), sep="\n")
            raise
        finally:
            process.kill()


def _told(process: "subprocess.Popen[str]", data_dir: Path) -> Iterator[str]:
    """What it said, and its parts in their logs, for whoever has to find out why a test failed."""
    if process.stdout is not None and not process.stdout.closed:
        yield process.stdout.read()
    for log in sorted((data_dir / "logs").glob("*.log")):
        yield f"{log.name}:\n{log.read_text(errors='replace')[-4000:]}"


def until(what: str, find: Callable[[], Any], within_s: float = START_S) -> Any:
    until = time.monotonic() + within_s
    while not (found := find()):
        assert time.monotonic() < until, f"{what} did not come about"
        time.sleep(0.1)
    return found


def until_up(process: "subprocess.Popen[str]", file: Path) -> dict[str, Any]:
    """What stands in the endpoints file, once the command has written it. Where it ends before, that is not waited
    past: `up` prints what it said."""

    def written() -> dict[str, Any]:
        found = read(file)
        assert found or process.poll() is None, f"rebilling up ended with {process.returncode} before it was ready"
        return found

    return dict(until("the endpoints file", written, COMMAND_S))


def read(file: Path) -> dict[str, Any]:
    return dict(json.loads(file.read_text())) if file.exists() else {}


def token(partner_id: str, file: Path) -> str:
    """As a person has it printed."""
    command = [REBILLING, "token", partner_id, "--endpoints-file", str(file)]
    return subprocess.check_output(command, text=True).strip()
