"""`rebilling up` mends itself, leaves nothing behind, and is taken up where it stopped."""

import os
import signal
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.e2e.running import read, token, until, up

pytestmark = pytest.mark.embedded


def _pids(endpoints: dict[str, Any]) -> set[int]:
    instances = (instance for found in endpoints["instances"].values() for instance in found)
    return {*endpoints["pids"].values(), *(instance["pid"] for instance in instances)}


def _are_gone(pids: set[int]) -> bool:
    return not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in pids)


def test_a_system_mends_itself_leaves_nothing_when_killed_and_is_taken_up_where_it_stopped(tmp_path: Path) -> None:
    with up(tmp_path / "data") as (process, file):
        before = until("the endpoints file", lambda: read(file))
        other = token("other", file)
        sample = _customers(before, before["token"])
        assert len(sample) == 2
        mails = httpx.get(f"{before['mail']}/messages").json()
        assert [len(mail["attachments"]) for mail in mails] == [1, 1]
        assert _customers(before, other) == []

        killed = before["instances"]["customer-svc"][0]
        os.kill(killed["pid"], signal.SIGKILL)
        mended = until("a new process in the file", lambda: _another(file, killed["pid"]))
        assert mended["customer_svc"] == before["customer_svc"]

        process.kill()
        told, _ = process.communicate(timeout=10)
        assert "customer-svc-1 ended (killed by signal 9); starting it again" in told
        until("the end of every process", lambda: _are_gone(_pids(before) | _pids(mended)), 10)
        file.unlink()

    with up(tmp_path / "data") as (process, file):
        after = until("the endpoints file", lambda: read(file))
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
    found = read(file)
    return found if found and found["instances"]["customer-svc"][0]["pid"] != pid else {}
