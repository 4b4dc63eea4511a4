"""A person says which side of a conflict is right. There are no conflicts yet: nothing is pushed or polled."""

from collections.abc import Iterator

from shared.contracts.psa import ResolveConflict
from shared.engine.change import Change, Meta
from shared.engine.decision import refuse


def handle(command: ResolveConflict, _meta: Meta) -> Iterator[Change[object, object]]:
    raise refuse("/conflict_id", "NOT_FOUND", f"there is no conflict {command.conflict_id}")
