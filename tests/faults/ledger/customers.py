"""Replays every customer from what was asked of it, in the order that its versions tell, and compares."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.faults.ledger.asked import Asked
from tests.faults.ledger.finding import Finding
from tests.faults.ledger.said import Said, first_occurrences

State = dict[str, Any]
FIELDS: Final = ("company_name", "contact_number", "email", "payment_terms")
NAMES: Final = frozenset({"CreateCustomer", "UpdateCustomer", "SetPaymentTerms"})
_NOTHING: Final[State] = dict.fromkeys(FIELDS)


@dataclass
class Lives:
    """What the versions of all customers say: each customer's states, version 1 first, and each command's version."""

    states: dict[str, list[State]] = field(default_factory=dict)
    version_of: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def at(self, customer_id: str, version: int) -> State | None:
        states = self.states.get(customer_id, [])
        return states[version - 1] if 0 < version <= len(states) else None

    def now(self, customer_id: str) -> State:
        return (self.states.get(customer_id) or [_NOTHING])[-1]


def live_again(asked: Mapping[str, Asked], events: Sequence[Said]) -> Lives:
    lives = Lives()
    by_customer: defaultdict[str, defaultdict[int, list[Said]]] = defaultdict(lambda: defaultdict(list))
    for one in first_occurrences(events):
        by_customer[one.subject][one.version].append(one)
    for customer_id, versions in by_customer.items():
        lives.findings += _live(lives, customer_id, versions, asked)
    for command in asked.values():
        if command.accepted and command.name in NAMES and command.id not in lives.version_of:
            lives.findings.append(Finding("every accepted command has its effect", str(command), "no version has it"))
    return lives


def _live(
    lives: Lives, customer_id: str, versions: Mapping[int, list[Said]], asked: Mapping[str, Asked]
) -> Iterator[Finding]:
    state, states = dict(_NOTHING), lives.states.setdefault(customer_id, [])
    for number in range(1, max(versions) + 1):
        if number not in versions:
            yield Finding("no version is missing", customer_id, f"version {number} of {max(versions)} was never said")
            states.append(state)
            continue
        events = versions[number]
        causes = {one.cause for one in events}
        command = asked.get(events[0].cause)
        if len(causes) > 1 or command is None or not command.accepted or command.customer_id != customer_id:
            yield Finding("only what was asked happens", customer_id, f"version {number} was caused by {causes}")
            state = _seen(events[-1])
        else:
            if (before := lives.version_of.setdefault(command.id, number)) != number:
                detail = f"versions {before} and {number} both have it"
                yield Finding("no command has two effects", str(command), detail)
            after = state | command.sets
            yield from _compare(command, number, events, state, after)
            state = after
        states.append(state)


def _compare(command: Asked, number: int, events: Sequence[Said], before: State, after: State) -> Iterator[Finding]:
    rule = "the state is what the commands made it"
    for one in events:
        if (seen := _seen(one)) != after:
            wrong = {name: (seen[name], after[name]) for name in FIELDS if seen[name] != after[name]}
            yield Finding(rule, str(command), f"version {number} has (seen, expected) {wrong}")
    said, expected = sorted(one.type for one in events), sorted(_types(command, before, after))
    if said != expected:
        yield Finding("a change is told by its events, once", str(command), f"{said}, expected {expected}")


def _types(command: Asked, before: State, after: State) -> list[str]:
    email = "EmailMissing" if after["email"] is None else "EmailConfigured"
    if command.name == "CreateCustomer":
        return ["CustomerCreated", email]
    found = ["CustomerUpdated"]
    if before["email"] != after["email"]:
        found.append(email)
    if before["payment_terms"] != after["payment_terms"]:
        found.append("PaymentTermsChanged")
    return found


def _seen(event: Said) -> State:
    return {name: event.state.get(name) for name in FIELDS}
