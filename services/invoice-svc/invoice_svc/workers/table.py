"""Which worker does which job, and how fast."""

from typing import Final

from invoice_svc.aggregates import DELIVER, FINALIZE, NUMBERS, OVERDUE, RELEASE, WAITING
from invoice_svc.settings import InvoiceSettings
from invoice_svc.workers.deliver import Delivery
from invoice_svc.workers.numbers import Numbers
from invoice_svc.workers.overdue import Overdue
from invoice_svc.workers.release import Release
from shared.engine.engine import Engine
from shared.engine.worker import Pace, Worker

SWEEP_LEASE_S: Final = 20.0
"""Short, since what a sweep does twice does no harm, and what a dead process left has to go on soon."""


def workers(engine: Engine, delivery: Delivery, settings: InvoiceSettings, *, lease_s: float) -> tuple[Worker, ...]:
    release, numbers, overdue = Release(engine), Numbers(engine), Overdue(engine)
    sweep = Pace(SWEEP_LEASE_S)
    soon = Pace(SWEEP_LEASE_S, every_s=2.0)
    at_once = Pace(SWEEP_LEASE_S, every_s=2.0, straight=True)
    mails = Pace(lease_s, 1.0, settings.mails_at_once, settings.mails_of_one_partner)
    return (
        Worker(engine.jobs, RELEASE, release.release, at_once),
        Worker(engine.jobs, DELIVER, delivery.deliver, mails),
        Worker(engine.jobs, WAITING, release.look_at_waiting, soon),
        Worker(engine.jobs, FINALIZE, numbers.complete, sweep),
        Worker(engine.jobs, NUMBERS, numbers.tidy, sweep),
        Worker(engine.jobs, OVERDUE, overdue.grow, sweep),
    )
