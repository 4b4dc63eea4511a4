"""The whole ledger: all that was asked and seen in, every broken promise and the counts out."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.faults.ledger.answers import check_answers, not_refused
from tests.faults.ledger.asked import Asked
from tests.faults.ledger.customers import Lives, live_again
from tests.faults.ledger.due import check_due_dates
from tests.faults.ledger.fates import check_fates
from tests.faults.ledger.finding import Finding
from tests.faults.ledger.imports import AWAY, Imports, asked_by_psas, check_imports
from tests.faults.ledger.invoices import check_invoices, check_snapshots
from tests.faults.ledger.links import check_alike, check_links, check_told
from tests.faults.ledger.mails import Mail, check_mails
from tests.faults.ledger.numbers import check_numbers
from tests.faults.ledger.order import check_answered_versions, check_order
from tests.faults.ledger.repeated import check_repeats
from tests.faults.ledger.said import Said, first_occurrences, newest
from tests.faults.ledger.store import Store, check_store
from tests.faults.ledger.topics import check_ids, check_versions_go_up, repeats


@dataclass
class Evidence:
    """`commands`, `customers`, `psa`, `invoices`, `answers` and `dead_letters` are what the topics hold, whole.

    `shown`: every customer and invoice as read over HTTP in the end. `terms`: the partner's. `today`: of the end.
    """

    prefix: str
    terms: dict[str, Any]
    today: date
    asked: dict[str, Asked] = field(default_factory=dict)
    commands: list[Said] = field(default_factory=list)
    customers: list[Said] = field(default_factory=list)
    psa: list[Said] = field(default_factory=list)
    invoices: list[Said] = field(default_factory=list)
    answers: list[Said] = field(default_factory=list)
    dead_letters: list[str] = field(default_factory=list)
    shown: dict[str, dict[str, Any]] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)
    store: Store = field(default_factory=Store)
    imports: Imports = field(default_factory=Imports)


def audit(seen: Evidence) -> list[Finding]:
    """Every promise that was broken; empty: all were kept."""
    lives = live_again(seen.asked, asked_by_psas(seen.psa), seen.commands, seen.customers)
    return [*lives.findings, *_of_messages(seen, lives), *_of_the_end(seen, lives)]


def _of_messages(seen: Evidence, lives: Lives) -> Iterator[Finding]:
    events = [*seen.customers, *seen.psa, *seen.invoices]
    yield from check_repeats(seen.asked, seen.commands)
    yield from check_ids([*events, *seen.answers])
    yield from check_versions_go_up(seen.customers)
    yield from check_versions_go_up(seen.invoices)
    yield from check_order(seen.asked, seen.commands, lives.version_of)
    yield from check_answered_versions(seen.asked, lives.version_of)
    yield from check_answers(seen.asked, seen.answers, events)
    for where in seen.dead_letters:
        yield Finding("nothing that can be read is a dead letter", where, "it was put aside")


def _of_the_end(seen: Evidence, lives: Lives) -> Iterator[Finding]:
    yield from check_imports(seen.asked, [*seen.customers, *seen.psa, *seen.answers], seen.imports, lives)
    taken = not_refused(seen.asked, seen.answers)
    yield from check_invoices(seen.asked, taken, seen.invoices, seen.today)
    yield from check_snapshots(seen.invoices, lives)
    yield from check_due_dates(taken, seen.invoices, lives, seen.terms)
    yield from check_fates(seen.asked, taken, seen.invoices, lives)
    yield from check_numbers(seen.invoices, prefix=seen.prefix)
    yield from check_mails(seen.mails, seen.invoices, lives)
    yield from check_links(seen.store.links, seen.customers)
    yield from check_alike(seen.imports.accounts, seen.customers, seen.psa)
    yield from check_told(seen.psa, lives)
    yield from check_store(seen.store, [*seen.customers, *seen.invoices], seen.shown)


def counts(seen: Evidence) -> dict[str, int]:
    """What the run was made of, to be read by a person."""
    asked, events = list(seen.asked.values()), [*seen.customers, *seen.psa, *seen.invoices]
    over = Counter(command.over for command in asked)
    invoices = newest(seen.invoices).values()
    ends = Counter(one.state["delivery"]["state"] for one in invoices)
    documents = Counter(one.state["document"] for one in invoices)
    standing = Counter(one.state["status"] for one in newest(seen.customers).values())
    return {
        "commands": len(asked),
        "over Kafka": over["kafka"],
        "over HTTP": over["http"],
        "accepted": sum(command.accepted for command in asked),
        "refused": sum(command.must_be_refused for command in asked),
        "of one customer at most": max(
            Counter(command.customer_id for command in asked if command.customer_id).values()
        ),
        "records on command topics": len(seen.commands),
        "requests repeated": sum(command.attempts > 1 for command in asked if command.over == "http"),
        "customers": len(newest(seen.customers)),
        "disabled": standing["disabled"],
        "archived": standing["archived"],
        "versions of customers": sum(one.version for one in newest(seen.customers).values()),
        "invoices": len(newest(seen.invoices)),
        **_of_imports(seen),
        "numbers": len({one.state["number"] for one in seen.invoices} - {None}),
        "sent": ends["sent"],
        "held": ends["held"],
        "called off": ends["cancelled"],
        "voided": documents["voided"],
        "discarded": documents["discarded"],
        "mails": len(seen.mails),
        "events": len(events),
        "events said again": repeats(events),
        "answers": len(seen.answers),
        "answers said again": repeats(seen.answers),
    }


def _most(customers: Iterable[str]) -> int:
    return max(Counter(customers).values(), default=0)


def _of_imports(seen: Evidence) -> dict[str, int]:
    ends = Counter(one["code"] or ("made" if one["created"] else "found") for one in seen.imports.shown.values())
    return {
        "imports": len(seen.imports.shown),
        "imports that made a customer": ends["made"],
        "imports that found one": ends["found"],
        "imports refused": sum(ends.values()) - ends["made"] - ends["found"],
        "of those since the PSA was away": sum(ends[code] for code in AWAY),
        **_of_both_sides(seen),
    }


def _of_both_sides(seen: Evidence) -> dict[str, int]:
    told = Counter(one.type for one in first_occurrences(seen.psa))
    return {
        "changes pushed": told["FieldsPushed"],
        "changes taken over": told["AccountChanged"],
        "conflicts": told["ConflictFound"],
    }
