import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from typing import Any

import pytest
import structlog

from shared.telemetry.logging import configure_logging

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Logging set up as a service does, and what it wrote."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logger.level for name, logger in _libraries().items()}
    out = io.StringIO()
    with redirect_stdout(out):
        configure_logging(True, service="customer-svc")
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, logger in _libraries().items():
        logger.setLevel(levels.get(name, logging.NOTSET))
    logging.captureWarnings(False)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def _libraries() -> dict[str, logging.Logger]:
    named = logging.getLogger().manager.loggerDict
    return {name: logger for name, logger in named.items() if isinstance(logger, logging.Logger)}
