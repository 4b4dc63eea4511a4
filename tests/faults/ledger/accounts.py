"""One account, one customer: another one only after the one before has left it, and made by one import."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from tests.faults.ledger.customers import Lives, seen_in
from tests.faults.ledger.finding import Finding
from tests.faults.ledger.said import Said, first_occurrences

Account = tuple[str, str]


def check_accounts(said: Sequence[Said], lives: Lives) -> Iterator[Finding]:
    """`said`: what was said of customers, whatever else is among it."""
    linked: defaultdict[Account, set[str]] = defaultdict(set)
    made, said_to_be_made, left = Counter[Account](), Counter[Account](), Counter[Account]()
    for one in first_occurrences(said):
        if "customer" not in one.body:
            continue
        if account := _account(seen_in(one)):
            linked[account].add(one.subject)
            made[account] += one.type == "CustomerCreated" and one.body["source"] == "import"
        if one.type == "CustomerUnlinked" and (account := _account(lives.at(one.subject, one.version - 1))):
            left[account] += 1
        if one.type == "CustomerImported" and account:
            said_to_be_made[account] += one.body["created"]
            yield from _as_it_was(one, lives)
    yield from _had(linked, left)
    yield from _have(lives)
    for account in made.keys() | said_to_be_made.keys():
        if made[account] != said_to_be_made[account]:
            detail = f"{made[account]} were made, and {said_to_be_made[account]} imports say that they made one"
            yield Finding("one import says that it made the customer", "/".join(account), detail)


def _had(linked: dict[Account, set[str]], left: Counter[Account]) -> Iterator[Finding]:
    for account, customers in linked.items():
        if len(customers) > 1 + left[account]:
            detail = f"{sorted(customers)}, and it was left {left[account]} times"
            yield Finding("an account has one customer", "/".join(account), detail)


def _have(lives: Lives) -> Iterator[Finding]:
    now = Counter(account for id in lives.states if (account := _account(lives.now(id))))
    for account, number in now.items():
        if number > 1:
            yield Finding("an account has one customer", "/".join(account), f"{number} have it in the end")


def _as_it_was(imported: Said, lives: Lives) -> Iterator[Finding]:
    if seen_in(imported) != lives.at(imported.subject, imported.version):
        yield Finding("an import shows its customer as it was", imported.subject, f"at version {imported.version}")


def _account(state: dict[str, Any] | None) -> Account | None:
    link = (state or {}).get("integration")
    return (link["integration_id"], link["account_id"]) if link else None
