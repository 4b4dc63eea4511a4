"""Keeps a PSA's records on disk before anybody is told, so that a killed simulator has lost nothing it confirmed."""

import json
import sqlite3
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

Row = dict[str, Any]
Changed = Callable[[Row | None, Row | None], None]
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS company (id INTEGER PRIMARY KEY, row TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Rows:
    """Rows by id, to be read in the order of their ids from any place on."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self._rows = {int(row["id"]): row for row in rows}
        self._ids = sorted(self._rows)

    def __len__(self) -> int:
        return len(self._ids)

    def get(self, number: int) -> Row | None:
        return self._rows.get(number)

    def after(self, number: int) -> Iterator[Row]:
        for place in range(bisect_right(self._ids, number), len(self._ids)):
            yield self._rows[self._ids[place]]

    def _put(self, row: Row) -> None:
        if row["id"] not in self._rows:
            insort(self._ids, row["id"])
        self._rows[row["id"]] = row

    def _drop(self, number: int) -> None:
        del self._rows[number]
        del self._ids[bisect_left(self._ids, number)]


class Records(Rows):
    """Rows that outlive the process, and settings by name. `seed`: what a new file begins with."""

    def __init__(self, file: Path, seed: Iterable[Row]) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = sqlite3.connect(file)
        self._file.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;" + _TABLES)
        if not self.setting("seeded"):
            self._seed(seed)
        super().__init__(json.loads(row) for (row,) in self._file.execute("SELECT row FROM company"))
        self._listeners: list[Changed] = []

    def listen(self, changed: Changed) -> None:
        """`changed` is called after each change, with the row before (None: it is new) and after (None: it is gone)."""
        self._listeners.append(changed)

    def next_id(self) -> int:
        """One above every id that ever was, like a database's own counter."""
        return 1 + max(self._ids[-1] if self._ids else 0, int(self.setting("highest") or 0))

    def save(self, row: Row) -> None:
        before = self.get(row["id"])
        with self._file:
            self._file.execute("REPLACE INTO company VALUES (?, ?)", (row["id"], json.dumps(row)))
        self._put(row)
        self._tell(before, row)

    def delete(self, number: int) -> None:
        """So that it is gone, and its id is never used again."""
        with self._file:
            self._file.execute("DELETE FROM company WHERE id = ?", (number,))
            self._file.execute("REPLACE INTO setting VALUES ('highest', ?)", (str(self.next_id() - 1),))
        before = self.get(number)
        self._drop(number)
        self._tell(before, None)

    def _tell(self, before: Row | None, row: Row | None) -> None:
        for changed in self._listeners:
            changed(before, row)

    def setting(self, name: str) -> str:
        found = self._file.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return str(found[0]) if found else ""

    def set(self, name: str, value: str) -> None:
        with self._file:
            self._file.execute("REPLACE INTO setting VALUES (?, ?)", (name, value))

    def close(self) -> None:
        self._file.close()

    def _seed(self, seed: Iterable[Row]) -> None:
        with self._file:
            rows = ((row["id"], json.dumps(row)) for row in seed)
            self._file.executemany("REPLACE INTO company VALUES (?, ?)", rows)
            self._file.execute("REPLACE INTO setting VALUES ('seeded', '1')")
