"""What a person sees: a line that moves while things start, and plain lines where there is no terminal."""

import contextlib
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.table import Table


class Screen:
    """`say` shows what is going on now and may be overwritten; `tell` stays; `hint` is for a terminal only."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self._status = self.console.status("")
        self._said = ""

    def __enter__(self) -> "Screen":
        self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._status.stop()

    def hint(self, text: str) -> None:
        self._status.update(text)

    def say(self, text: str) -> None:
        self.hint(text)
        head = text.partition(",")[0]
        if not self.console.is_terminal and head != self._said:
            self._said = head
            self.tell(text)

    def tell(self, text: str, style: str = "") -> None:
        self._print(text, style=style, markup=False)

    def table(self, title: str, rows: Mapping[str, str]) -> None:
        table = Table(title=title, title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 0))
        for name, value in rows.items():
            table.add_row(name, value)
        self._print(table)

    def _print(self, what: object, **how: Any) -> None:
        with contextlib.suppress(OSError):  # whoever read along has gone; the system goes on
            self.console.print(what, soft_wrap=True, **how)
