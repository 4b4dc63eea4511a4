"""How each provider proves its webhooks, by its name."""

from collections.abc import Callable

import httpx

from psa_sync_svc.adapters.base_url import AddressSettings
from psa_sync_svc.adapters.checked_transport import Resolve
from psa_sync_svc.adapters.connectwise.settings import ConnectwiseSettings
from psa_sync_svc.adapters.names import resolved
from psa_sync_svc.adapters.webhooks.autotask import AutotaskWebhooks
from psa_sync_svc.adapters.webhooks.connectwise import ConnectwiseWebhooks
from psa_sync_svc.adapters.webhooks.halopsa import HalopsaWebhooks
from psa_sync_svc.adapters.webhooks.key_fetch import KeyFetch
from psa_sync_svc.adapters.webhooks.settings import WebhookSettings
from psa_sync_svc.adapters.webhooks.signing_keys import SigningKeys
from psa_sync_svc.domain.provider import Provider
from psa_sync_svc.workers.webhooks import Webhooks


def hooks(
    settings: WebhookSettings,
    connectwise: ConnectwiseSettings,
    addresses: AddressSettings,
    *,
    connect: Callable[[], httpx.AsyncBaseTransport],
    resolve: Resolve = resolved,
) -> dict[str, Webhooks]:
    """`connect` and `resolve`: for the keys that ConnectWise's callbacks name."""
    fetch = KeyFetch(addresses, connectwise, limit_s=settings.key_limit_s, connect=connect, resolve=resolve)
    keys = SigningKeys(fetch, kept_s=settings.key_s, a_minute=settings.key_fetches_a_minute)
    return {
        Provider.AUTOTASK.value: AutotaskWebhooks(),
        Provider.CONNECTWISE.value: ConnectwiseWebhooks(keys, settings, domain=connectwise.domain),
        Provider.HALOPSA.value: HalopsaWebhooks(settings),
    }
