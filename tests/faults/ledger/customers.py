"""Replays every customer from what was asked of it, in the order that its versions tell, and compares."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.faults.ledger.asked import Asked
from tests.faults.ledger.finding import Finding
from tests.faults.ledger.moments import Moments
from tests.faults.ledger.said import Said, first_occurrences
from tests.faults.ledger.synced import SYNCED, plain, plain_of

State = dict[str, Any]
FIELDS: Final = ("status", *SYNCED, "email", "payment_terms", "integration")
NAMES: Final = frozenset(
    {
        *("CreateCustomer", "UpdateCustomer", "SetPaymentTerms", "LinkIntegration", "UnlinkIntegration"),
        *("DisableCustomer", "EnableCustomer", "ArchiveCustomer"),
    }
)
_STANDING: Final = {"active": "CustomerEnabled", "disabled": "CustomerDisabled", "archived": "CustomerArchived"}
_TOLD_APART: Final = ("status", "integration")
"""What CustomerUpdated does not tell of."""
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


def live_again(
    asked: Mapping[str, Asked], answered: Mapping[str, Asked], commands: Sequence[Said], events: Sequence[Said]
) -> Lives:
    """`answered`: what PSAs ask, by their messages' ids; an import, of whichever customer the account comes to have.

    A command may make no version where its customer was as it wants already."""
    lives = Lives()
    by_customer: defaultdict[str, defaultdict[int, list[Said]]] = defaultdict(lambda: defaultdict(list))
    for one in first_occurrences(events):
        by_customer[one.subject][one.version].append(one)
    causes = {**asked, **answered}
    for customer_id, versions in by_customer.items():
        lives.findings += _live(lives, customer_id, {n: _of_its_own(each) for n, each in versions.items()}, causes)
    moments = Moments(asked, commands, lives.version_of)
    for command in asked.values():
        if command.accepted and command.name in NAMES and command.id not in lives.version_of:
            lives.findings += _without_effect(command, lives.states.get(command.customer_id, []), moments)
    return lives


def _without_effect(command: Asked, states: Sequence[State], moments: Moments) -> Iterator[Finding]:
    then = moments.of(command, len(states))
    wanted = plain_of(_sets(command))
    if not any(states[number - 1] == states[number - 1] | wanted for number in then if number <= len(states)):
        detail = f"no version has it, and at none of {then} was all as it wants"
        yield Finding("every accepted command has its effect", str(command), detail)


def _of_its_own(events: Sequence[Said]) -> list[Said]:
    """Without the answers to imports that came when the customer was there already: they make no version."""
    made_it = {one.cause for one in events if not _found_it(one)}
    return [one for one in events if one.cause in made_it]


def _found_it(one: Said) -> bool:
    return one.type == "CustomerImported" and not one.body["created"]


def _sets(command: Asked) -> State:
    return {"status": "active", **command.sets} if command.name == "CreateCustomer" else command.sets


def _after(command: Asked, before: State, events: Sequence[Said]) -> State:
    """What the command makes of the customer. The reference is the account's, so it goes with it."""
    if command.name == "AccountChanged":
        return before | _taken_over(command, before, events[-1])
    wanted = plain_of(_sets(command))
    gone = {"reference": None} if wanted.get("integration", before["integration"]) != before["integration"] else {}
    return before | gone | wanted


def _taken_over(seen: Asked, before: State, event: Said) -> State:
    """Of what a PSA tells each field that still was what it is told from; nothing, where it told of another link."""
    if (event.state["integration"] or {}).get("link_version") != seen.sets["link_version"]:
        return {}
    changes = seen.sets["changes"].items()
    return {name: plain(name, change["to"]) for name, change in changes if plain(name, change["from"]) == before[name]}


def _live(
    lives: Lives, customer_id: str, versions: Mapping[int, list[Said]], causes: Mapping[str, Asked]
) -> Iterator[Finding]:
    state, states = dict(_NOTHING), lives.states.setdefault(customer_id, [])
    for number in range(1, max(versions) + 1):
        if not (events := versions.get(number)):
            yield Finding("no version is missing", customer_id, f"version {number} of {max(versions)} was never said")
            states.append(state)
            continue
        told = {one.cause for one in events}
        command = causes.get(events[0].cause)
        if len(told) > 1 or command is None or not command.accepted or command.customer_id not in ("", customer_id):
            yield Finding("only what was asked happens", customer_id, f"version {number} was caused by {told}")
            state = seen_in(events[-1])
        else:
            if (before := lives.version_of.setdefault(command.id, number)) != number:
                detail = f"versions {before} and {number} both have it"
                yield Finding("no command has two effects", str(command), detail)
            after = _after(command, state, events)
            yield from _compare(command, number, events, state, after)
            state = after
        states.append(state)


def _compare(command: Asked, number: int, events: Sequence[Said], before: State, after: State) -> Iterator[Finding]:
    rule = "the state is what the commands made it"
    for one in events:
        if (seen := seen_in(one)) != after:
            wrong = {name: (seen[name], after[name]) for name in FIELDS if seen[name] != after[name]}
            yield Finding(rule, str(command), f"version {number} has (seen, expected) {wrong}")
    said, expected = sorted(one.type for one in events), sorted(_types(command, before, after))
    if said != expected:
        yield Finding("a change is told by its events, once", str(command), f"{said}, expected {expected}")


def _types(command: Asked, before: State, after: State) -> list[str]:
    imported = ["CustomerImported"] if command.name == "ImportAnswered" else []
    email = "EmailMissing" if after["email"] is None else "EmailConfigured"
    linked = _of_the_link(before, after)
    if before == _NOTHING:
        return ["CustomerCreated", *linked, email, *imported]
    apart = _TOLD_APART if before["integration"] == after["integration"] else (*_TOLD_APART, "reference")
    fields = any(before[name] != after[name] for name in FIELDS if name not in apart)
    standing = [_STANDING[after["status"]]] if before["status"] != after["status"] else []
    found = [*(["CustomerUpdated"] if fields else []), *linked, *standing, *imported]
    if before["email"] != after["email"]:
        found.append(email)
    if before["payment_terms"] != after["payment_terms"]:
        found.append("PaymentTermsChanged")
    return found


def _of_the_link(before: State, after: State) -> list[str]:
    if before["integration"] == after["integration"]:
        return []
    return ["CustomerUnlinked" if after["integration"] is None else "CustomerLinked"]


def seen_in(event: Said) -> State:
    """What an event says of the fields that are replayed; of a link, which account it is, and its reference."""
    found = {name: event.state.get(name) for name in FIELDS}
    if link := found["integration"]:
        found["integration"] = {name: link[name] for name in ("integration_id", "account_id")}
        found["reference"] = link.get("reference")
    return plain_of(found)
