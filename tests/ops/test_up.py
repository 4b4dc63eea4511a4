"""`rebilling up` as a person or a script runs it: a process of its own, with everything real."""

import json
import os
import signal
import subprocess
import sysconfig
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

pytestmark = pytest.mark.embedded
REBILLING = str(Path(sysconfig.get_path("scripts")) / "rebilling")
START_S = 120.0


@contextmanager
def _up(data_dir: Path, *options: str) -> Iterator[tuple["subprocess.Popen[str]", Path]]:
    """The command, started; killed at the end if it is still there, and with it all that it started."""
    file = data_dir.parent / "endpoints.json"
    command = [REBILLING, "up", "--data-dir", str(data_dir), "--endpoints-file", str(file), *options]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REBILLING_FAILPOINT")}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as process:
        try:
            yield process, file
        finally:
            process.kill()


def _until(what: str, find: Callable[[], Any], within_s: float = START_S) -> Any:
    until = time.monotonic() + within_s
    while not (found := find()):
        assert time.monotonic() < until, f"{what} did not come about"
        time.sleep(0.1)
    return found


def _read(file: Path) -> dict[str, Any]:
    return dict(json.loads(file.read_text())) if file.exists() else {}


def _pids(endpoints: dict[str, Any]) -> set[int]:
    instances = (instance for found in endpoints["instances"].values() for instance in found)
    return {*endpoints["pids"].values(), *(instance["pid"] for instance in instances)}


def _are_gone(pids: set[int]) -> bool:
    return not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in pids)


def test_a_system_mends_itself_leaves_nothing_when_killed_and_is_taken_up_where_it_stopped(tmp_path: Path) -> None:
    with _up(tmp_path / "data") as (process, file):
        before = _until("the endpoints file", lambda: _read(file))
        token = subprocess.check_output([REBILLING, "token", "other", "--endpoints-file", str(file)], text=True)
        sample = _customers(before, before["token"])
        assert len(sample) >= 2
        assert _customers(before, token.strip()) == []

        killed = before["instances"]["customer-svc"][0]
        os.kill(killed["pid"], signal.SIGKILL)
        mended = _until("a new process in the file", lambda: _another(file, killed["pid"]))
        assert mended["customer_svc"] == before["customer_svc"]

        process.kill()
        told, _ = process.communicate(timeout=10)
        assert "customer-svc-1 ended (killed by signal 9); starting it again" in told
        _until("the end of every process", lambda: _are_gone(_pids(before) | _pids(mended)), 10)
        file.unlink()

    with _up(tmp_path / "data") as (process, file):
        after = _until("the endpoints file", lambda: _read(file))
        assert (after["partner_id"], after["kafka"]) == (before["partner_id"], before["kafka"])
        assert len(_customers(after, before["token"])) == len(sample)

        process.send_signal(signal.SIGTERM)
        told, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert told.rstrip().endswith("stopped")
    assert _are_gone(_pids(after))
    assert not file.exists()


def _customers(endpoints: dict[str, Any], token: str) -> list[Any]:
    answer = httpx.get(f"{endpoints['customer_svc']}/v1/customers", headers={"Authorization": f"Bearer {token}"})
    return list(answer.raise_for_status().json()["items"])


def _another(file: Path, pid: int) -> dict[str, Any]:
    found = _read(file)
    return found if found and found["instances"]["customer-svc"][0]["pid"] != pid else {}
