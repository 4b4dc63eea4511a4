"""What a rule answers: a new state and the facts that follow, or a refusal that names what was wrong."""

from dataclasses import dataclass
from typing import Generic, TypeVar

S = TypeVar("S")
F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that was wrong with a request.

    `pointer` is a JSON Pointer into the request's data (`/email`; empty: the request as a whole), `code` is
    UPPER_SNAKE and stable, `detail` tells a person what was wrong, with what value, and what to do. A detail may be
    logged and published, so it never repeats personal data: it quotes ids, codes and limits only.
    """

    pointer: str
    code: str
    detail: str


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault of the program
    """A rule says no. It is answered once and for ever; it is never retried.

    Codes that mean the same everywhere: NOT_FOUND, VERSION_MISMATCH, CONFLICT_WITH_STATE, REQUIRED, INVALID, TOO_LONG.
    """

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{p.pointer or '/'} {p.code}" for p in problems))
        self.problems = problems


def refuse(pointer: str, code: str, detail: str) -> Refused:
    """The refusal of one problem: `raise refuse("/email", "INVALID", "…")`."""
    return Refused(Problem(pointer, code, detail))


def no_such(id_name: str) -> Refused:
    """`no_such("invoice_id")`: in the same words where it is another partner's, so that nobody learns that it is."""
    return refuse(f"/{id_name}", "NOT_FOUND", f"there is no such {id_name.removesuffix('_id')}")


@dataclass(frozen=True)
class Decision(Generic[S, F]):
    """The state after a rule, and what happened. The same state object and no facts: nothing happened."""

    state: S
    facts: tuple[F, ...] = ()
