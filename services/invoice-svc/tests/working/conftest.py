"""The workers over a store in memory and a mail system that can be told how to answer."""

from typing import Any

import pytest

from .office import MailSystem, Office


@pytest.fixture
def office(service: Any, clock: Any) -> Office:
    return Office(service, MailSystem(), clock)
