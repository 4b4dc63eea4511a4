"""Every import has one end, the one that it has to have; an account has one customer, made once; none stays open."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.faults.ledger.accounts import check_accounts
from tests.faults.ledger.asked import Asked
from tests.faults.ledger.customers import Lives, seen_in
from tests.faults.ledger.finding import Finding
from tests.faults.ledger.said import Said, first_occurrences
from tests.faults.ledger.synced import SYNCED

AWAY: Final = frozenset({"UNAVAILABLE", "RATE_LIMITED"})
"""Ends of an import whose PSA was away for longer than anybody waits."""


@dataclass
class _Heard:
    """What was said of one import, each fact once."""

    answers: list[Said] = field(default_factory=list)
    imported: list[Said] = field(default_factory=list)
    refused: list[Said] = field(default_factory=list)

    @property
    def ends(self) -> list[Said]:
        return [*self.imported, *self.refused]


@dataclass
class Imports:
    """`shown`: each import as it is read over HTTP in the end. `away`: from when until when a PSA was away.
    `accounts`: the synced fields of each account as its PSA has them in the end."""

    shown: dict[str, dict[str, Any]] = field(default_factory=dict)
    away: list[tuple[float, float]] = field(default_factory=list)
    accounts: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)


def asked_by_psas(psa: Sequence[Said]) -> dict[str, Asked]:
    """By its id, what each ImportAnswered asks of the customer that is made of its account, and each AccountChanged of
    the one that has it."""
    found = {}
    for one in first_occurrences(psa):
        if one.type == "ImportAnswered":
            found[one.id] = Asked(one.id, one.type, "kafka", "", _taken_over(one.body), ended=0.0)
        if one.type == "AccountChanged":
            changed = {name: one.body[name] for name in ("changes", "link_version")}
            found[one.id] = Asked(one.id, one.type, "kafka", one.body["customer_id"], changed, ended=0.0)
    return found


def _taken_over(body: Mapping[str, Any]) -> dict[str, Any]:
    account = body["account"]
    link = {"integration_id": body["integration_id"], "account_id": account["account_id"]}
    return {
        "status": "active",
        **{name: account.get(name) for name in SYNCED},
        "email": body["email"],
        "payment_terms": body["payment_terms"],
        "integration": link,
    }


def check_imports(
    asked: Mapping[str, Asked], said: Sequence[Said], imports: Imports, lives: Lives
) -> Iterator[Finding]:
    """`said`: on the topics of PSAs, customers and answers."""
    heard = _heard(said)
    wanted = {id: one for id, one in asked.items() if one.name == "ImportCustomer"}
    for id, command in wanted.items():
        yield from _one(command, heard[id], imports)
    for id in heard.keys() - wanted.keys():
        yield Finding("only what was asked happens", id, "nobody had asked for this import")
    yield from check_accounts(said, lives)


def _heard(said: Sequence[Said]) -> defaultdict[str, _Heard]:
    heard: defaultdict[str, _Heard] = defaultdict(_Heard)
    for one in first_occurrences(said):
        if one.type == "ImportAnswered":
            heard[one.body["request_id"]].answers.append(one)
        elif one.type == "CustomerImported":
            heard[one.body["request_id"]].imported.append(one)
        elif one.type == "ImportRefused":
            heard[one.body["request_id"]].refused.append(one)
    return heard


def _one(command: Asked, heard: _Heard, imports: Imports) -> Iterator[Finding]:
    expected = 0 if command.must_be_refused else 1
    if len(heard.ends) != expected:
        told = [one.type for one in heard.ends]
        yield Finding("an import has one end", str(command), f"{told}, expected {expected}")
    if len(heard.answers) > expected or (heard.imported and not heard.answers):
        yield Finding("an import is answered once", str(command), f"{len(heard.answers)} ImportAnswered")
    for end in heard.ends[:1]:
        yield from _the_end_it_has_to_have(command, end, imports)
        if (shown := imports.shown.get(command.id)) != (ended := _shown_as(end)):
            yield Finding("no import is left open", str(command), f"it is shown as {shown}, and ended as {ended}")


def _the_end_it_has_to_have(command: Asked, end: Said, imports: Imports) -> Iterator[Finding]:
    if end.type == "CustomerImported":
        found = "created" if end.body["created"] else "existing"
    else:
        found = end.body["code"]
        if found in AWAY and any(until >= command.began for _, until in imports.away):
            return
    if end.type == "CustomerImported" and seen_in(end)["integration"] != _account(command):
        yield Finding("an import shows the customer of its account", str(command), f"that is {end.subject}")
    if found not in command.sets["ends"]:
        yield Finding("an import ends as it has to", str(command), f"{found}, expected one of {command.sets['ends']}")


def _account(command: Asked) -> dict[str, Any]:
    return {name: command.sets[name] for name in ("integration_id", "account_id")}


def _shown_as(end: Said) -> dict[str, Any]:
    if end.type == "CustomerImported":
        return {"status": "imported", "customer_id": end.subject, "created": end.body["created"], "code": None}
    return {"status": "refused", "customer_id": None, "created": None, "code": end.body["code"]}
