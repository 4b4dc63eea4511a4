"""Answers to one message that are not state: a command that was refused, an import that cannot be done."""

from typing import Literal

from shared.contracts.base import Event, Problem
from shared.contracts.forms import SaidId

ImportCode = Literal["NOT_FOUND", "UNKNOWN_INTEGRATION", "AUTH_FAILED", "RATE_LIMITED", "UNAVAILABLE", "INVALID"]


class Answer(Event):
    partner_id: str

    @property
    def tenant(self) -> str:
        return self.partner_id


class CommandRejected(Answer):
    """Said once and for ever for a message; each field that was wrong is named."""

    command_id: str
    command_type: str
    errors: tuple[Problem, ...]


class ImportRefused(Answer):
    request_id: str
    integration_id: SaidId
    account_id: str
    code: ImportCode
    detail: str
    errors: tuple[Problem, ...] = ()
