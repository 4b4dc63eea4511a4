"""One form for every log line, ours and the libraries': JSON for machines, colours for a person, nothing personal."""

import logging
import sys
from collections.abc import Sequence
from typing import Any, Final

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from shared.telemetry.failures import show_exception, tell_exception, told
from shared.telemetry.privacy import only_harmless
from shared.telemetry.repeats import Repeats

_LIBRARIES: Final = {
    # a library's DEBUG and INFO lines may show documents, commands and records
    "aiokafka": logging.WARNING,
    "faststream": logging.WARNING,
    "pymongo": logging.WARNING,
    "motor": logging.WARNING,
    "uvicorn": logging.WARNING,
    "uvicorn.access": logging.CRITICAL,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "asyncio": logging.WARNING,
    "fontTools": logging.ERROR,
}

_RETRIED: Final = (logging.WARNING, "WARNING")
"""aiokafka tells as an error what it tries again by itself; what it did not expect comes with a traceback."""


def configure_logging(json: bool, *, service: str = "", level: str = "INFO") -> None:
    """Set up structlog and the standard library's logging; lines go to standard output."""
    shared = _shared(service)
    logger_factory = structlog.WriteLoggerFactory(file=sys.stdout)
    structlog.configure(
        processors=[*shared, *_rendering(json)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=logger_factory,
        cache_logger_on_first_use=True,
    )
    _route_libraries(shared, _rendering(json), level)


def _shared(service: str) -> list[Processor]:
    def named(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
        line["service"] = service
        return line

    return [
        structlog.contextvars.merge_contextvars,
        *([named] if service else []),
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _told_errors,
        tell_exception,
        only_harmless,
    ]


def _told_errors(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """An exception given as a field (`error=error`) is told in one safe line."""
    for key, value in line.items():
        if isinstance(value, BaseException) and key != "exc_info":
            line[key] = told(value)
    return line


def _rendering(json: bool) -> Sequence[Processor]:
    if json:
        return (show_exception, structlog.processors.JSONRenderer(default=str, ensure_ascii=False))
    return (show_exception, structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), pad_event_to=28))


def _route_libraries(shared: Sequence[Processor], rendering: Sequence[Processor], level: str) -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
            keep_exc_info=False,
        )
    )
    handler.addFilter(_without_errors)
    handler.addFilter(Repeats())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in _LIBRARIES.items():
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(least)
    logging.captureWarnings(True)


def _without_errors(record: logging.LogRecord) -> bool:
    """A library that puts an exception into its text gets the safe line of it instead."""
    if record.name.startswith("aiokafka") and record.exc_info is None:
        record.levelno, record.levelname = min((record.levelno, record.levelname), _RETRIED)
    if isinstance(record.args, tuple):
        record.args = tuple(_told_or_same(each) for each in record.args)
    return True


def _told_or_same(value: Any) -> Any:
    return told(value) if isinstance(value, BaseException) else value
