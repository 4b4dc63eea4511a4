"""The composition root of customer-svc."""

from importlib.metadata import version

from customer_svc.aggregates import KINDS
from customer_svc.api import router
from customer_svc.settings import CustomerSettings
from customer_svc.subscriptions import subscriptions
from shared.service import Core
from shared.settings import AuthSettings, KafkaSettings, MongoSettings, load
from shared.web.app import create_app
from shared.web.auth import Authenticator
from shared.web.process import Parts, run

SERVICE = "customer-svc"


async def build() -> Parts:
    settings = load(CustomerSettings)
    region = settings.default_region
    core = Core(SERVICE, load(KafkaSettings), load(MongoSettings), KINDS, subscriptions(region))
    app = create_app(
        "customer-svc",
        version("rebilling"),
        service=SERVICE,
        authenticator=Authenticator(load(AuthSettings)),
        routers=[router(core.engine, region)],
        alive=core.alive,
        ready=core.ready,
    )
    return Parts(app, core.start, core.stop)


def main() -> None:
    run(SERVICE, build)
