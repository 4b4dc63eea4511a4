"""What every test of the repository may ask for."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from embedded.stack import Stack


settings.register_profile("beside-others", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("beside-others")  # how long an example takes tells of whoever else has the machine
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")
"""For the servers that tests start: they do not live long enough for what the JVM's second compiler costs."""
_SLOWEST_FIRST = ("faults", "embedded")
_TOLD = "told"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files whose tests take longest come first, so that the workers, each taking a file at a time, end together."""
    turns: dict[Path, int] = {}
    for item in items:
        turns[item.path] = min(turns.get(item.path, len(_SLOWEST_FIRST)), _turn(item))
    items.sort(key=lambda item: turns[item.path])


def _turn(item: pytest.Item) -> int:
    marks = {mark.name for mark in item.iter_markers()}
    return next((turn for turn, mark in enumerate(_SLOWEST_FIRST) if mark in marks), len(_SLOWEST_FIRST))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What `tells` was told, whichever process the test ran in."""
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        for name, text in report.user_properties:
            if name == _TOLD and report.when == "call":
                terminalreporter.write_line(f"\n{text}")


@pytest.fixture
def tells(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Shows whoever runs the tests what a test has to say, though it passes."""
    return lambda text: request.node.user_properties.append((_TOLD, text))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Stack"]:
    """One Kafka and one document store for the whole session, on free ports, in a directory that is thrown away.

    It has no topics: `await create_topics(Cluster(stack.bootstrap_servers))`, and give each test a database prefix of
    its own.
    """
    from embedded.stack import running  # noqa: PLC0415 - only who uses the stack pays for it

    with running(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture(scope="session")
def agrees() -> Callable[[Iterable[tuple[str, bytes]], bytes | None], None]:
    """Checks headers and value of a record that our services said against the AsyncAPI document of its service."""
    from tests.agreement import disagreements  # noqa: PLC0415 - only who asks pays for the documents

    def check(headers: Iterable[tuple[str, bytes]], value: bytes | None) -> None:
        if found := disagreements(headers, value):
            pytest.fail("\n".join(found))

    return check
