"""A failpoint kills one process, once, and only where a test has armed it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PASSES = "from shared.engine.failpoints import failpoint; failpoint('after-save'); print('alive')"


def _passed_by(directory: Path | None) -> "subprocess.CompletedProcess[str]":
    armed = {"REBILLING_FAILPOINTS": str(directory)} if directory else {}
    command = [sys.executable, "-c", PASSES]
    return subprocess.run(command, env=os.environ | armed, capture_output=True, text=True, check=False)


def test_without_the_setting_nothing_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "after-save").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))

    assert _passed_by(None).stdout == "alive\n"


def test_an_armed_place_kills_the_first_process_that_comes_by_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "after-save").touch()

    first, second = _passed_by(tmp_path), _passed_by(tmp_path)

    assert (first.returncode, first.stdout) == (9, "")
    assert first.stderr == "killed at the failpoint after-save\n"
    assert (second.returncode, second.stdout) == (0, "alive\n")


def test_a_place_may_stop_the_process_until_it_is_let_go_on(tmp_path: Path) -> None:
    (tmp_path / "after-save").write_text("stop")
    environment = os.environ | {"REBILLING_FAILPOINTS": str(tmp_path)}

    with subprocess.Popen([sys.executable, "-c", PASSES], env=environment, stdout=subprocess.PIPE) as process:
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        process.send_signal(signal.SIGCONT)
        told, _ = process.communicate(timeout=60)

    assert (told, process.returncode) == (b"alive\n", 0)


def test_another_place_or_another_process_is_not_meant(tmp_path: Path) -> None:
    (tmp_path / "before-clear").touch()
    (tmp_path / f"after-save.{os.getpid()}").touch()

    assert _passed_by(tmp_path).stdout == "alive\n"
    assert len(list(tmp_path.iterdir())) == 2
