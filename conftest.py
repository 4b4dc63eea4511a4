"""What every test of the repository may ask for."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from embedded.stack import Stack


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
