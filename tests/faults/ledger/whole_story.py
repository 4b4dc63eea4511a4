"""A history in which every promise was kept; the ledger's own tests break it."""

from tests.faults.ledger.asked import Asked
from tests.faults.ledger.audit import Evidence
from tests.faults.ledger.story_of_imports import (
    IMPORTED,
    LINK,
    an_import_refused,
    as_they_are_shown,
    asked_imports,
    the_imported,
    their_answers,
    their_customer,
)
from tests.faults.ledger.story_of_one import a_command, one_customer


def all_was_kept() -> Evidence:
    seen = one_customer()
    for place, one in enumerate(asked_imports()):
        one.began, one.ended, one.attempts = 50.0 + place, 51.0 + place, 1
        asks(seen, one)
    seen.psa = their_answers()
    seen.customers += their_customer()
    seen.answers.append(an_import_refused(10, "nobody", "NOT_FOUND"))
    seen.imports = as_they_are_shown()
    seen.shown[IMPORTED] = the_imported()
    seen.store.versions[IMPORTED] = 1
    seen.store.links[IMPORTED] = (1, LINK)
    return seen


def asks(seen: Evidence, asked: Asked) -> None:
    """One more command; over Kafka its record is produced twice."""
    seen.asked[asked.id] = asked
    if asked.over == "kafka":
        last = max(one.offset for one in seen.commands)
        seen.commands += [a_command(last + 1, asked.id), a_command(last + 2, asked.id)]
