"""`rebilling up` mends itself, leaves nothing behind, and is taken up where it stopped."""

import json
import os
import signal
import socket
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from embedded.datadir import DataDir
from embedded.ports import LOOPBACK, keep
from tests.e2e.running import COMMAND_S, read, token, until, until_up, up

pytestmark = pytest.mark.embedded


def _pids(endpoints: dict[str, Any]) -> set[int]:
    instances = (instance for found in endpoints["instances"].values() for instance in found)
    return {*endpoints["pids"].values(), *(instance["pid"] for instance in instances)}


def _are_gone(pids: set[int]) -> bool:
    return not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in pids)


def test_a_system_mends_itself_leaves_nothing_when_killed_and_is_taken_up_where_it_stopped(tmp_path: Path) -> None:
    with up(tmp_path / "data") as (process, file):
        before = until_up(process, file)
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
        _keep_ports(tmp_path / "data")
        told, _ = process.communicate(timeout=10)
        assert "customer-svc-1 ended (killed by signal 9); starting it again" in told
        until("the end of every process", lambda: _are_gone(_pids(before) | _pids(mended)), 10)
        file.unlink()

    with up(tmp_path / "data") as (process, file):
        after = until_up(process, file)
        assert (after["partner_id"], after["kafka"]) == (before["partner_id"], before["kafka"])
        assert len(_customers(after, before["token"])) == len(sample)

        process.send_signal(signal.SIGTERM)
        told, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert told.rstrip().endswith("stopped")
    assert _are_gone(_pids(after))
    assert not file.exists()


def _keep_ports(data_dir: Path) -> None:
    """While nobody has the directory, whoever tests beside this one would choose among its ports too."""
    for port in json.loads((data_dir / "ports.json").read_text()).values():
        keep(port)


def _customers(endpoints: dict[str, Any], token: str) -> list[Any]:
    answer = httpx.get(f"{endpoints['customer_svc']}/v1/customers", headers={"Authorization": f"Bearer {token}"})
    return list(answer.raise_for_status().json()["items"])


def _another(file: Path, pid: int) -> dict[str, Any]:
    found = read(file)
    return found if found and found["instances"]["customer-svc"][0]["pid"] != pid else {}


def test_a_port_that_another_program_took_meanwhile_ends_the_command_at_once_and_is_named(tmp_path: Path) -> None:
    data = DataDir(tmp_path / "data")
    port = data.port("store")
    data.release()

    with socket.create_server((LOOPBACK, port)), up(tmp_path / "data", "--empty") as (process, file):
        told, _ = process.communicate(timeout=COMMAND_S)

        assert process.returncode == 1
        assert f"store: port {port} is in use by another program" in told
        with pytest.raises(AssertionError, match="ended with 1 before it was ready"):
            until_up(process, file)
