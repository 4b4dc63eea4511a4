"""Tests, workers of tests and systems run beside each other on one machine, and each chooses ports of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from embedded.ports import free_port, keep

MANY = 600
"""Of the 13,000 there are: two who choose so many by chance alone have about 28 in common."""
CHOOSES = f"""
from embedded.ports import free_port
print(*(free_port() for _ in range({MANY})), flush=True)
input()
"""


@pytest.fixture
def two_that_choose() -> Iterator[tuple["subprocess.Popen[str]", ...]]:
    """Processes that live on after they have told what they chose, until they are told to end."""
    with ExitStack() as left:
        command = [sys.executable, "-c", CHOOSES]
        yield tuple(
            left.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            for _ in range(2)
        )


def chosen_by(process: "subprocess.Popen[str]") -> list[str]:
    assert process.stdout is not None
    return process.stdout.readline().split()


def test_processes_that_choose_at_the_same_moment_never_choose_the_same(
    two_that_choose: tuple["subprocess.Popen[str]", ...],
) -> None:
    chosen = [port for process in two_that_choose for port in chosen_by(process)]
    for process in two_that_choose:
        process.communicate("\n")

    assert len(chosen) == len(set(chosen)) == 2 * MANY


def test_one_process_never_chooses_the_same_twice() -> None:
    chosen = [free_port() for _ in range(MANY)]

    assert len(set(chosen)) == MANY


def test_a_port_that_is_kept_is_chosen_by_nobody(two_that_choose: tuple["subprocess.Popen[str]", ...]) -> None:
    mine = [int(port) for port in chosen_by(two_that_choose[0])]
    two_that_choose[0].communicate("\n")

    for port in mine:
        keep(port)
    others = subprocess.run([sys.executable, "-c", CHOOSES], input="\n", capture_output=True, text=True, check=True)
    two_that_choose[1].communicate("\n")

    assert not {int(port) for port in others.stdout.split()} & set(mine)
