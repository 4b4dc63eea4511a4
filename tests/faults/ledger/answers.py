"""Every refused command has one answer and no effect, every accepted one is not refused, and nobody goes unanswered."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus

from tests.faults.ledger.asked import Asked
from tests.faults.ledger.finding import Finding
from tests.faults.ledger.said import Said, first_occurrences


def check_answers(asked: Mapping[str, Asked], answers: Sequence[Said], events: Sequence[Said]) -> Iterator[Finding]:
    rejected = Counter(
        str(one.body["command_id"]) for one in first_occurrences(answers) if one.type == "CommandRejected"
    )
    caused = Counter(one.cause for one in first_occurrences(events))
    for command in asked.values():
        if command.ended is None:
            yield Finding("every command is taken", str(command), f"{command.attempts} attempts without an answer")
            continue
        expected = int(command.must_be_refused and command.over == "kafka")
        if (found := rejected[command.id]) != expected:
            yield Finding("a refused command has one answer", str(command), f"{found} answers, expected {expected}")
        if command.must_be_refused and caused[command.id]:
            yield Finding("a refused command has no effect", str(command), f"{caused[command.id]} events tell of one")
        if command.over == "http" and _refused(command.status) != command.must_be_refused:
            yield Finding("a request is answered by what became of it", str(command), f"status {command.status}")
    for id in rejected.keys() - asked.keys():
        yield Finding("only commands are answered", id, "nobody had asked")


def _refused(status: int | None) -> bool:
    return status is None or status >= HTTPStatus.BAD_REQUEST
