"""The composition root of psa-sync-svc."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from psa_sync_svc.adapters.autotask.clients import AutotaskClients
from psa_sync_svc.adapters.autotask.settings import AutotaskSettings
from psa_sync_svc.adapters.base_url import AddressSettings
from psa_sync_svc.adapters.budget import shared
from psa_sync_svc.adapters.budget.documents import StoredBudgets
from psa_sync_svc.adapters.connectwise.clients import ConnectwiseClients
from psa_sync_svc.adapters.connectwise.settings import ConnectwiseSettings
from psa_sync_svc.adapters.halopsa.clients import HalopsaClients
from psa_sync_svc.adapters.halopsa.settings import HalopsaSettings
from psa_sync_svc.adapters.psas import Clients, ProviderPsas, over_tls
from psa_sync_svc.adapters.vault import KeyVault
from psa_sync_svc.adapters.webhooks.settings import WebhookSettings
from psa_sync_svc.adapters.webhooks.table import hooks
from psa_sync_svc.aggregates import INDEXES, KINDS
from psa_sync_svc.api import router
from psa_sync_svc.domain.provider import Provider
from psa_sync_svc.settings import PsaSettings
from psa_sync_svc.subscriptions import subscriptions
from psa_sync_svc.workers import reseal, unclosed
from psa_sync_svc.workers.asking import Asking
from psa_sync_svc.workers.circuits import Circuits
from psa_sync_svc.workers.deliveries import FORGET_EVERY_S, Deliveries
from psa_sync_svc.workers.hearing import Hearing
from psa_sync_svc.workers.standing import Standing
from psa_sync_svc.workers.table import pauses, poll_pace, workers
from shared.service import Core, Desk, app_of
from shared.settings import AuthSettings, KafkaSettings, MongoSettings, load
from shared.web.process import Parts, run

SERVICE: Final = "psa-sync-svc"


@dataclass(frozen=True)
class Everything:
    """All that this service reads from the environment, so that all that is wrong is told at once."""

    psa: PsaSettings
    addresses: AddressSettings
    autotask: AutotaskSettings
    connectwise: ConnectwiseSettings
    halopsa: HalopsaSettings
    webhooks: WebhookSettings
    kafka: KafkaSettings
    mongo: MongoSettings
    auth: AuthSettings


async def build() -> Parts:
    settings = load(Everything)
    listening = subscriptions(settings.psa.default_region)
    core = Core(SERVICE, settings.kafka, settings.mongo, KINDS, listening, indexes=INDEXES)
    vault = KeyVault(*settings.psa.keys)
    rates = shared.SharedRates(StoredBudgets(core.store), Standing(core.store), owner=core.leases.owner)
    psas = ProviderPsas(settings.addresses, _clients(settings, rates))
    asking = Asking(psas, vault, Circuits(core.engine, pauses(settings.psa)), limit_s=settings.psa.call_limit_s)
    core.also("budgets", shared.TIDY_S, rates.tidy)
    core.also("unclosed imports", unclosed.EVERY_S, unclosed.Unclosed(core.engine, core.leases).step)
    core.also("seals", reseal.EVERY_S, reseal.Reseal(core.engine, core.leases, vault).step)
    deliveries = Deliveries(core.store, timedelta(seconds=settings.webhooks.remembered_s))
    core.also("deliveries", FORGET_EVERY_S, deliveries.forget_old)
    proofs = hooks(settings.webhooks, settings.connectwise, settings.addresses, connect=over_tls())
    hearing = Hearing(core.engine, vault, proofs, deliveries, poll_pace(settings.psa))
    desk = Desk(workers(core.engine, asking, settings.psa))
    routes = router(core.engine, asking, settings.psa, hearing, public_url=settings.webhooks.public_url)
    app = app_of(SERVICE, settings.auth, core, [routes], desk)

    async def start() -> None:
        await core.start()
        desk.start()

    async def stop() -> None:
        """The workers first: what they learn of an account has yet to be saved and said."""
        await desk.stop(settings.psa.stop_grace_s)
        await rates.close()
        await core.stop()

    return Parts(app, start, stop)


def _clients(settings: Everything, rates: shared.SharedRates) -> dict[str, Clients]:
    return {
        Provider.AUTOTASK: AutotaskClients(settings.autotask, rates),
        Provider.CONNECTWISE: ConnectwiseClients(settings.connectwise, rates),
        Provider.HALOPSA: HalopsaClients(settings.halopsa, rates),
    }


def main() -> None:
    run(SERVICE, build)
