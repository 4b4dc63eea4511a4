"""Answers to one message that are not state. Said by every service."""

from shared.contracts.base import Event, Problem


class CommandRejected(Event):
    """A command that may not be done, with everything that was wrong with it; once and for ever."""

    partner_id: str
    command_id: str
    command_type: str
    errors: tuple[Problem, ...]
