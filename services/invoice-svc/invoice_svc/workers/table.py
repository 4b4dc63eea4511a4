"""Which worker does which job, how fast, and all of them together."""

import asyncio
from collections.abc import Sequence
from typing import Final

from invoice_svc.aggregates import DELIVER, FINALIZE, NUMBERS, OVERDUE, RELEASE, WAITING
from invoice_svc.settings import InvoiceSettings
from invoice_svc.workers.deliver import Delivery
from invoice_svc.workers.numbers import Numbers
from invoice_svc.workers.overdue import Overdue
from invoice_svc.workers.release import Release
from invoice_svc.workers.worker import Pace, Worker
from shared.engine.engine import Engine
from shared.web.health import Failing

SWEEP_LEASE_S: Final = 20.0
"""Short, since what a sweep does twice does no harm, and what a dead process left has to go on soon."""


def workers(engine: Engine, delivery: Delivery, settings: InvoiceSettings, *, lease_s: float) -> tuple[Worker, ...]:
    release, numbers, overdue = Release(engine), Numbers(engine), Overdue(engine)
    sweep = Pace(SWEEP_LEASE_S)
    soon = Pace(SWEEP_LEASE_S, every_s=2.0)
    mails = Pace(lease_s, 1.0, settings.mails_at_once, settings.mails_of_one_partner)
    return (
        Worker(engine.jobs, RELEASE, release.release, soon),
        Worker(engine.jobs, DELIVER, delivery.deliver, mails),
        Worker(engine.jobs, WAITING, release.look_at_waiting, soon),
        Worker(engine.jobs, FINALIZE, numbers.complete, sweep),
        Worker(engine.jobs, NUMBERS, numbers.tidy, sweep),
        Worker(engine.jobs, OVERDUE, overdue.grow, sweep),
    )


class Desk:
    """All workers of this process."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self._workers = workers

    def start(self) -> None:
        for worker in self._workers:
            worker.start()

    async def stop(self, grace_s: float) -> None:
        await asyncio.gather(*(worker.stop(grace_s) for worker in self._workers))

    async def working(self) -> None:
        if ended := [worker.job for worker in self._workers if worker.ended]:
            raise Failing(f"ended: {', '.join(ended)}")
