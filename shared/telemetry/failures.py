"""How an exception is told in a log: by its type and place; by its text only where that is known to hold nothing
personal, and never with locals."""

import sys
import traceback
from types import TracebackType
from typing import Any, Final

from pydantic import ValidationError
from structlog.typing import EventDict, WrappedLogger

from shared.telemetry.privacy import without_addresses

_Told = BaseException | tuple[type[BaseException], BaseException, TracebackType | None]

_OURS: Final = ("shared.", "customer_svc.", "psa_sync_svc.", "invoice_svc.", "embedded.", "ops.")
_TOLD: Final = (OSError, TimeoutError, ArithmeticError, AttributeError, ImportError, NameError, TypeError, MemoryError)
"""Built-in errors whose text is about code, addresses and files, never about the data at hand."""
_CHAIN: Final = 5
_FRAMES: Final = 25


def told(error: BaseException) -> str:
    """One line: the type, and the text where it may be told. `aiokafka.errors.NodeNotReadyError`, `Unavailable: …`."""
    kind = type(error)
    name = kind.__name__ if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}.{kind.__name__}"
    if isinstance(error, ValidationError):
        return f"{name}: {_places(error)}"
    if isinstance(error, _TOLD) or kind.__module__.startswith(_OURS):
        text = without_addresses(str(error))
        return f"{name}: {text}" if text else name
    return name


def _places(error: ValidationError) -> str:
    """Where a model did not fit and how, without what was there."""
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"/{'/'.join(map(str, problem['loc']))} {problem['type']}" for problem in problems[:10])


def tell_exception(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """A structlog processor: turns `exc_info` into text under `exception`."""
    error = _raised(line.pop("exc_info", None))
    if error is not None:
        line["error_type"] = type(error).__name__
        line["_exception"] = "\n".join(_chain(error))
    return line


def show_exception(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """The last step: the text was made safe above and is not cut as other fields are."""
    if (text := line.pop("_exception", None)) is not None:
        line["exception"] = text
    return line


def _raised(info: Any) -> BaseException | None:
    if isinstance(info, BaseException):
        return info
    if isinstance(info, tuple):
        return info[1] if isinstance(info[1], BaseException) else None
    return sys.exc_info()[1] if info else None


def _chain(error: BaseException) -> list[str]:
    lines: list[str] = []
    at: BaseException | None = error
    for _ in range(_CHAIN):
        if at is None:
            break
        frames = [
            f"  {frame.filename}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(at.__traceback__, limit=-_FRAMES)
        ]
        lines += [told(at), *frames]
        if isinstance(at, BaseExceptionGroup):
            lines += [f"  | {told(each)}" for each in at.exceptions]
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
        if at is not None:
            lines.append("after")
    return lines
