"""The composition root of customer-svc."""

from dataclasses import dataclass
from typing import Final

from customer_svc.aggregates import INDEXES, KINDS
from customer_svc.api import router
from customer_svc.settings import CustomerSettings
from customer_svc.subscriptions import subscriptions
from customer_svc.workers import claims
from shared.service import Core, app_of
from shared.settings import AuthSettings, KafkaSettings, MongoSettings, load
from shared.web.process import Parts, run

SERVICE: Final = "customer-svc"


@dataclass(frozen=True)
class Everything:
    """All that this service reads from the environment, so that all that is wrong is told at once."""

    customer: CustomerSettings
    kafka: KafkaSettings
    mongo: MongoSettings
    auth: AuthSettings


async def build() -> Parts:
    settings = load(Everything)
    region = settings.customer.default_region
    core = Core(SERVICE, settings.kafka, settings.mongo, KINDS, subscriptions(region), indexes=INDEXES)
    core.also("claims", claims.EVERY_S, claims.ClaimSweep(core.engine, core.leases).step)
    app = app_of(SERVICE, settings.auth, core, [router(core.engine, region)])
    return Parts(app, core.start, core.stop)


def main() -> None:
    run(SERVICE, build)
