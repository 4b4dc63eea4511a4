"""Every refused command has one answer and no effect, every accepted one is not refused, and nobody goes unanswered."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus

from tests.faults.ledger.asked import Asked
from tests.faults.ledger.finding import Finding
from tests.faults.ledger.said import Said, first_occurrences


def not_refused(asked: Mapping[str, Asked], answers: Sequence[Said]) -> dict[str, Asked]:
    """What was taken and has its effect; of what the order of things decides, what was not refused."""
    refused = _rejected(answers)
    return {
        id: one
        for id, one in asked.items()
        if one.accepted and not (one.may_be_refused and (refused[id] or (one.over == "http" and _no(one.status))))
    }


def check_answers(asked: Mapping[str, Asked], answers: Sequence[Said], events: Sequence[Said]) -> Iterator[Finding]:
    rejected, taken = _rejected(answers), not_refused(asked, answers)
    gone = taken_back(events)
    caused = Counter(one.cause for one in first_occurrences(events))
    for command in asked.values():
        if command.ended is None:
            yield Finding("every command is taken", str(command), f"{command.attempts} attempts without an answer")
            continue
        refused = command.id not in taken
        expected = int(refused and command.over == "kafka")
        if (found := rejected[command.id]) != expected:
            yield Finding("a refused command has one answer", str(command), f"{found} answers, expected {expected}")
        if refused and caused[command.id] and command.sets.get("invoice_id") not in gone:
            yield Finding("a refused command has no effect", str(command), f"{caused[command.id]} events tell of one")
        if command.over == "http" and _no(command.status) != refused:
            yield Finding("a request is answered by what became of it", str(command), f"status {command.status}")
    for id in rejected.keys() - asked.keys():
        yield Finding("only commands are answered", id, "nobody had asked")


def _rejected(answers: Sequence[Said]) -> Counter[str]:
    return Counter(str(one.body["command_id"]) for one in first_occurrences(answers) if one.type == "CommandRejected")


def taken_back(events: Sequence[Said]) -> set[str]:
    """Invoices that were discarded; where their making is refused, that was heard of later."""
    return {one.subject for one in events if one.type == "InvoiceDiscarded"}


def _no(status: int | None) -> bool:
    return status is None or status >= HTTPStatus.BAD_REQUEST
