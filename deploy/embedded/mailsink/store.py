"""Keeps every mail on disk before its sender is told so, and every copy: a sink that hid doubles would hide bugs."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from embedded.mailsink.reading import bare

_CHUNK = 256 * 1024


class MailStore:
    """Two files that only grow: `index.jsonl`, a summary per mail in order of arrival, and `raw.mail`, their bytes.

    In memory are only each mail's place and its Message-ID. A line that a kill cut off is dropped at the next start:
    its sender was not answered.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._index = os.open(folder / "index.jsonl", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._raw = os.open(folder / "raw.mail", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._places: list[tuple[int, int]] = []
        self._numbers: dict[str, list[int]] = {}
        self._end = 0
        self._take_up(folder / "index.jsonl")

    def __len__(self) -> int:
        return len(self._places)

    def add(self, raw: bytes, summary: dict[str, Any]) -> None:
        """Both files are on disk when this returns; it does not yield, so a mail is kept whole or not at all."""
        place = os.lseek(self._raw, 0, os.SEEK_END)
        _append(self._raw, raw)
        line = json.dumps({**summary, "place": [place, len(raw)]}, ensure_ascii=False).encode() + b"\n"
        _append(self._index, line)
        self._know(summary["message_id"], len(line))

    def listed(self) -> Iterator[bytes]:
        """All summaries as one JSON array, in pieces, as they stood at the call."""
        places = list(self._places)
        yield b"["
        for first in range(0, len(places), 100):
            lines = [self._line(number) for number in range(first, min(first + 100, len(places)))]
            yield (b"," if first else b"") + b",".join(lines)
        yield b"]"

    def copies(self, message_id: str) -> list[dict[str, Any]]:
        """Every delivery of that Message-ID, in order of arrival."""
        return [json.loads(self._line(number)) for number in self._numbers.get(bare(message_id), [])]

    def raw(self, summary: dict[str, Any]) -> bytes:
        place, length = summary["place"]
        return os.pread(self._raw, length, place)

    def clear(self) -> None:
        os.ftruncate(self._index, 0)
        os.ftruncate(self._raw, 0)
        self._places, self._numbers, self._end = [], {}, 0

    def close(self) -> None:
        os.close(self._index)
        os.close(self._raw)

    def _line(self, number: int) -> bytes:
        place, length = self._places[number]
        return os.pread(self._index, length - 1, place)

    def _know(self, message_id: str, length: int) -> None:
        self._numbers.setdefault(bare(message_id), []).append(len(self._places))
        self._places.append((self._end, length))
        self._end += length

    def _take_up(self, index: Path) -> None:
        with index.open("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                self._know(json.loads(line)["message_id"], len(line))
        os.ftruncate(self._index, self._end)


def _append(file: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(file, left[:_CHUNK]) :]
    os.fdatasync(file)
