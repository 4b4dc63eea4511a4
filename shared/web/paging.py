"""Lists in pages: an opaque cursor holds the sort keys of the last item, so a page stays right while others write."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from shared.web.problems import malformed

T = TypeVar("T")
R = TypeVar("R")
M = TypeVar("M", bound=BaseModel)

DEFAULT: Final = 50
MOST: Final = 200
_LONGEST: Final = 2_000

Place = tuple[str, ...]
"""The sort keys of one item, the last of them unique."""


class Page(BaseModel, Generic[M]):
    """One page of a list. `next` goes into `?after=` for what follows; null: that was all."""

    items: list[M]
    next: str | None = Field(None, description="give it as `after` to get what follows; null at the end")


def cursor(place: Sequence[str]) -> str:
    """A place as an opaque word for a URL."""
    text = json.dumps(list(place), separators=(",", ":"), ensure_ascii=False).encode()
    return urlsafe_b64encode(text).rstrip(b"=").decode()


def place_of(word: str, width: int) -> Place:
    """The place behind a cursor, always `width` strings; 400 for anything that this list did not give out."""
    try:
        if len(word) > _LONGEST:
            raise ValueError("longer than any cursor of ours")
        place = json.loads(urlsafe_b64decode(word.encode("ascii") + b"=" * (-len(word) % 4)))
    except (ValueError, NotBase64, RecursionError):
        place = None
    if not isinstance(place, list) or len(place) != width or not all(_is_text(key) for key in place):
        raise malformed("/after", "this cursor is not one of this list; leave `after` out to begin at the top")
    return tuple(place)


def _is_text(key: object) -> bool:
    """Only strings ever reach a filter, and only such as the store can hold."""
    if not isinstance(key, str) or "\x00" in key:
        return False
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Paging:
    """What a request wants: `limit` items after `cursor`."""

    after: str | None
    limit: int

    def place(self, width: int = 1) -> Place | None:
        """Where the page begins: after this place; None: at the top."""
        return None if self.after is None else place_of(self.after, width)

    @property
    def ask(self) -> int:
        """How many to ask the store for: one more than the page holds tells whether there is a next one."""
        return self.limit + 1

    def page(self, found: Sequence[T], shown: Callable[[T], M], place: Callable[[T], Sequence[str]]) -> Page[M]:
        """The page out of what the store answered to `ask`."""
        kept = found[: self.limit]
        more = cursor(place(kept[-1])) if len(found) > self.limit else None
        return Page(items=[shown(each) for each in kept], next=more)


async def paging(
    after: Annotated[str | None, Query(description="`next` of the page before", max_length=_LONGEST)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = DEFAULT,
) -> Paging:
    return Paging(after or None, limit)


Wanted = Annotated[Paging, Depends(paging)]
"""`async def list_customers(caller: Caller, wanted: Wanted)`."""
