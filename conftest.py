"""What every test of the repository may ask for."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from embedded.stack import Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Stack"]:
    """One Kafka and one document store for the whole session, on free ports, in a directory that is thrown away.

    It has no topics: `await create_topics(stack.bootstrap_servers)`, and give each test its own database prefix.
    """
    from embedded.stack import running  # noqa: PLC0415 - only who uses the stack pays for it

    with running(tmp_path_factory.mktemp("stack")) as stack:
        yield stack
