"""The bench itself still measures: its parts, with a few commands on one stack, and no opinion on what they find.

`sizes` is left out: it is made of the same pieces as `commands`, on two systems of its own.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from embedded.stack import Stack, running
from shared.engine.errors import Unavailable
from tests.bench import __main__ as bench
from tests.bench.__main__ import PARTS
from tests.bench.customers import like
from tests.bench.plan import Plan
from tests.bench.report import Report


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Not the one that all tests share: the bench counts whatever is said there."""
    with running(tmp_path_factory.mktemp("bench")) as stack:
        yield stack


@pytest.mark.embedded
@pytest.mark.parametrize("part", [part for part in PARTS if part != "sizes"])
async def test_each_part_of_the_bench_still_finds_something_to_report(
    part: str, own_stack: Stack, tmp_path: Path
) -> None:
    given = {
        "REBILLING_KAFKA__BOOTSTRAP_SERVERS": own_stack.bootstrap_servers,
        "REBILLING_MONGODB__URI": own_stack.mongodb_uri,
    }
    plan = Plan(
        tmp_path,
        given,
        customers=60,
        invoices=50,
        commands=60,
        rounds=1,
        trips=5,
        pauses=1,
        releases=2,
        accounts=60,
        looks=2,
    )
    report, shown = Report(), Console(record=True, width=140)

    await PARTS[part](plan, report)

    report.show(shown)
    assert report.lines
    assert report.memory_mb
    assert all(line.what in shown.export_text(clear=False) for line in report.lines)


async def test_a_part_that_fails_takes_nothing_from_what_the_others_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def found(_plan: Plan, report: Report) -> None:
        report.add("trips", "4")

    async def failing(_plan: Plan, _report: Report) -> None:
        raise Unavailable("the store went away")

    monkeypatch.setattr(bench, "PARTS", {"sizes": failing, "latency": found})
    shown = Console(record=True, width=140)

    report, failed = await bench.measure(["sizes", "latency"], Plan(tmp_path), shown)

    assert failed == ["sizes"]
    assert [line.what for line in report.lines] == ["trips"]
    assert "the store went away" in shown.export_text()


def test_a_copy_of_a_customer_has_nothing_to_say() -> None:
    pattern = {
        "_id": "a",
        "state": {"customer_id": "a"},
        "q": {"order": "name\na"},
        "outbox": [{"id": "1"}, {"id": "2"}],
        "unsaid": True,
    }

    copy = like(pattern)

    assert copy["outbox"] == [{"id": "2"}]
    assert copy["unsaid"] is False
    assert copy["q"]["order"] == f"name\n{copy['_id']}"
