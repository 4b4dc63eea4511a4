"""Clients and sites by themselves, and whether the agent sees any."""

from typing import Final

from psa_sync_svc.adapters.halopsa.errors import PSA, foreign, no_rights
from psa_sync_svc.adapters.halopsa.mapping import main_site_of
from psa_sync_svc.adapters.halopsa.pages import Item, Listing, ask
from psa_sync_svc.adapters.halopsa.session import Session
from psa_sync_svc.adapters.values import id_in
from psa_sync_svc.workers.psa import Missing

CLIENT: Final = "Client"
SITE: Final = "Site"
CLIENTS: Final = Listing(CLIENT, "clients", {"includeinactive": "true"})
SITES: Final = Listing(SITE, "sites", {"includeinactive": "true", "includeaddress": "true"})


async def record(session: Session, endpoint: str, number: int) -> Item | None:
    """The whole of it. None: there is none of that number."""
    try:
        found = await session.call(endpoint, {"includedetails": "true"}, number)
    except Missing:
        return None
    if not isinstance(found, dict) or id_in(found, PSA) != number:
        raise foreign()
    return found


async def main_site(session: Session, client: Item) -> Item | None:
    number = main_site_of(client)
    return None if number is None else await record(session, SITE, number)


async def require_some(session: Session, listing: Listing) -> None:
    """Raises `Permanent` where the list is empty: no tenant is without clients and sites."""
    if (await ask(session, listing, 1, 1)).count < 1:
        raise no_rights()
