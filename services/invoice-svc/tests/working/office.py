"""The service with its workers, and a mail system that takes, refuses, forgets or dies as it is told."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from invoice_svc.settings import InvoiceSettings
from invoice_svc.workers.deliver import Delivery
from invoice_svc.workers.held import HeldSweep
from invoice_svc.workers.mailer import (
    Accepted,
    Letter,
    MailLogAway,
    NotMarked,
    Outcome,
    PermanentFailure,
    Seller,
    TransientFailure,
)
from invoice_svc.workers.table import workers

EMAIL = "accounts@riverside.example"


class Died(BaseException):
    """The process ends here: nothing after it runs."""


@dataclass
class MailSystem:
    """Takes what it is handed. `answers` come instead of taking, one each; `before_mark` happens while it talks."""

    taken_mails: list[Letter] = field(default_factory=list)
    answers: list[Outcome | type[Died] | str] = field(default_factory=list)
    before_mark: Callable[[], Awaitable[None]] | None = None
    can_be_asked: bool = True
    log_away: int = 0

    async def deliver(self, letter: Letter, *, mark: Callable[[], Awaitable[bool]]) -> Outcome:
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, TransientFailure | PermanentFailure) and answer.code != "MAIL_REFUSED":
            return answer
        if self.before_mark is not None:
            happen, self.before_mark = self.before_mark, None
            await happen()
        if not await mark():
            return NotMarked()
        if answer == "died before the last line":
            raise Died
        if answer is None or not isinstance(answer, TransientFailure | PermanentFailure):
            self.taken_mails.append(letter)
        if answer == "died after the last line":
            raise Died
        return answer if isinstance(answer, Outcome) else Accepted((*letter.to, *letter.cc))

    async def taken(self, message_id: str) -> bool | None:
        if self.log_away:
            self.log_away -= 1
            raise MailLogAway("away")
        if not self.can_be_asked:
            return None
        return any(letter.message_id == message_id for letter in self.taken_mails)


@dataclass
class Office:
    """The service with its workers, and a clock that the open work believes."""

    service: Any
    mail: MailSystem
    clock: Any

    def __post_init__(self) -> None:
        seller = Seller("Harbour IT", "billing@harbour.example")
        delivery = Delivery(self.service.engine, self.mail, self.mail, seller=seller, lease_s=30.0)
        settings = InvoiceSettings()
        self.workers = {w.job: w for w in workers(self.service.engine, delivery, settings, lease_s=30.0)}
        self.held = HeldSweep(self.service.engine)

    async def work(self, *jobs: str) -> None:
        for job in jobs or self.workers:
            await self.workers[job].drain()

    async def sent(self, customer: Any, **fields: Any) -> Any:
        """An invoice of a customer who has an address, asked to be sent."""
        await self.service.hear(customer.told(email=EMAIL, **fields))
        order = customer.billed(send=True)
        await self.service.command(order)
        return order


@asynccontextmanager
async def dying() -> AsyncIterator[None]:
    with pytest.raises(Died):
        yield


async def the_worker_dies(office: Office) -> None:
    """What is claimed stays claimed, and nobody closes the attempt."""
    (work,) = await office.service.jobs.claim("deliver", 1, 30.0)
    async with dying():
        await office.workers["deliver"]._do(work)
