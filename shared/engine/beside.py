"""What a batch asks of those who stand beside it: who says its facts, and who keeps the entries of its work."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from shared.engine.cleared import Turn
from shared.engine.document import Draft
from shared.engine.jobs import Deletion
from shared.engine.ports import Save
from shared.engine.task import Saved


class Sayer(Protocol):
    """What the engine asks of the relay."""

    def begin(self) -> Turn: ...
    def confirmed(self, collection: str, id: str) -> set[str]: ...
    def cleared(self, collection: str, id: str, said: Iterable[str]) -> None: ...
    async def publish(self, saved: Sequence[Saved]) -> None: ...


class OpenWork(Protocol):
    """Keeps the entries of leased work in step with the documents that ask for it."""

    async def save(self, drafts: Sequence[Draft], saves: Sequence[Save]) -> dict[str, set[str]]: ...
    def after(self, drafts: Sequence[Draft]) -> list[Deletion]: ...
    def lost(self, drafts: Sequence[Draft]) -> None: ...
    async def take_away(self, over: Sequence[Deletion]) -> None: ...
