"""Whether speed stays with many customers: the share of the limit at two sizes, each against the limit of its size."""

from typing import Final

from tests.bench.plan import Plan
from tests.bench.report import Report
from tests.bench.throughput import commands_of

FLAT: Final = 0.2


async def measure(plan: Plan, report: Report) -> None:
    """Two systems side by side, so that the rounds of the sizes alternate too."""
    async with (
        commands_of(plan, "few", plan.customers, aged=False) as (_, few),
        commands_of(plan, "many", plan.large, aged=False) as (_, many),
    ):
        for _ in range(max(1, plan.rounds - 2)):
            for rounds in (few, many):
                await rounds.add(plan.commands)
        report.memory(few.service)
        report.memory(many.service)
    small = report.share(f"commands, {plan.customers:,} fresh customers", few.rates, few.limits)
    large = report.share(f"commands, {plan.large:,} fresh customers", many.rates, many.limits)
    what = f"the share at {plan.large:,} customers beside that at {plan.customers:,}"
    report.add(what, f"{large / small:.0%}", f"at least {1 - FLAT:.0%}", large / small >= 1 - FLAT)
