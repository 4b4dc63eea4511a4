"""Nothing lost, nothing doubled: the short form of `make faults`."""

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.run import SHORT, run

pytestmark = [pytest.mark.faults, pytest.mark.embedded]


async def test_every_command_has_its_effect_once_whatever_is_killed(
    tmp_path: Path, tells: Callable[[str], None]
) -> None:
    seed = int(os.environ.get("SEED") or random.randrange(1_000_000))

    report = await run(SHORT, seed, tmp_path / "system", print)

    tells("\n".join(report.lines()))
    assert not report.findings, "\n".join([*map(str, report.findings), f"SEED={seed}"])
