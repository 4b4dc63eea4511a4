"""What an account of a PSA cannot hold, known before anything is sent, so that nothing is ever cut to fit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields

from psa_sync_svc.domain.account import Address
from psa_sync_svc.domain.fields import Field, FieldValue
from shared.engine.decision import Problem


@dataclass(frozen=True, slots=True)
class FieldLimits:
    """By canonical part: `company_name`, `contact_number`, `company_address.line1`, …, `reference`.

    `longest`: in UTF-16 units, as the PSAs' own databases count (a letter of another plane, such as an emoji, is two).
    `required`: may not be empty there. `read_only`: the PSA passes over what is sent, without saying so.
    """

    longest: Mapping[str, int] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    read_only: frozenset[str] = frozenset()


def unheld(values: Mapping[Field, FieldValue], limits: FieldLimits) -> Mapping[Field, Problem]:
    """The fields whose values the PSA cannot hold, each with the first reason as its code and all in its detail."""
    found = {wanted: tuple(_problems(wanted, value, limits)) for wanted, value in values.items()}
    return {wanted: _as_one(problems) for wanted, problems in found.items() if problems}


def _problems(wanted: Field, value: FieldValue, limits: FieldLimits) -> Iterator[Problem]:
    for part, text in _texts(wanted, value):
        pointer, name = f"/{part.replace('.', '/')}", part.rpartition(".")[2]
        length, longest = length_of(text), limits.longest.get(part)
        if part in limits.read_only:
            yield Problem(pointer, "READ_ONLY", f"the PSA lets nobody change its {name} over its API: change it there")
        elif part in limits.required and not text.strip():
            yield Problem(pointer, "REQUIRED", f"the PSA does not take an account without a {name}: give one")
        elif longest is not None and length > longest:
            detail = f"the PSA holds at most {longest} characters as {name}, and this has {length}: shorten it"
            yield Problem(pointer, "TOO_LONG", detail)


def _texts(wanted: Field, value: FieldValue) -> Iterator[tuple[str, str]]:
    """The texts by their parts; an address that there is not has empty ones."""
    if wanted is not Field.COMPANY_ADDRESS:
        yield wanted, value if isinstance(value, str) else ""
        return
    address = value if isinstance(value, Address) else Address()
    for part in fields(Address):
        yield f"{wanted}.{part.name}", getattr(address, part.name) or ""


def length_of(text: str) -> int:
    """In UTF-16 units."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def _as_one(problems: tuple[Problem, ...]) -> Problem:
    first, detail = problems[0], "; ".join(problem.detail for problem in problems)
    return Problem(first.pointer, first.code, detail)
