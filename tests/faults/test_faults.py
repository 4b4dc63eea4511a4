"""Nothing lost, nothing doubled: the short form of `make faults`."""

import os
import random
from pathlib import Path

import pytest

from tests.faults.run import SHORT, run

pytestmark = [pytest.mark.faults, pytest.mark.embedded]


async def test_every_command_has_its_effect_once_whatever_is_killed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = int(os.environ.get("SEED") or random.randrange(1_000_000))
    told: list[str] = []

    report = await run(SHORT, seed, tmp_path / "system", told.append)

    with capsys.disabled():
        print("", *report.lines(), sep="\n")
    assert not report.findings, "\n".join([*told, *map(str, report.findings), f"SEED={seed}"])
