"""The documents that this service keeps, what lists look for in them, and the work that each asks for."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from psa_sync_svc.domain.bulk import BulkImport, BulkProgressed
from psa_sync_svc.domain.conflict import Conflict
from psa_sync_svc.domain.importing import Import, ImportFact, Step
from psa_sync_svc.domain.integration import Integration, StatusChanged
from psa_sync_svc.domain.likeness import KnownCustomer
from psa_sync_svc.domain.link import Link
from psa_sync_svc.domain.link_facts import LinkFact
from psa_sync_svc.domain.mirror import Mirror
from psa_sync_svc.domain.watch import Watch
from psa_sync_svc.messages import bulk_message, import_message, integration_message, link_message
from shared.engine.change import Due, Kind
from shared.values.folding import folded

_SORTED_BY: Final = 200
"""Letters of a name that count for its place: a cursor may not become too long."""

FETCH: Final = "fetch"
"""An import whose account has to be read."""
BULK: Final = "bulk"
"""A bulk import that has to go on."""
MIRROR_ACCOUNTS: Final = "mirror"
"""An integration whose account list has to be read."""
SYNC: Final = "sync"
"""A linked customer of which something has to go to the PSA, or whose account has to be looked at."""
POLL: Final = "poll"
"""An integration that is asked again and again for what has changed there."""


def import_id(partner_id: str, request_id: str) -> str:
    """Partners have no `|` in their ids, so no two requests meet in one import."""
    return f"{partner_id}|{request_id}"


def account_key(partner_id: str, integration_id: str, account_id: str) -> str:
    """One account of one integration; neither partners nor integrations have a `|` in their ids."""
    return f"{partner_id}|{integration_id}|{account_id}"


def watch_id(partner_id: str, integration_id: str) -> str:
    """The partner is in it since a link may name what is another partner's, and must not meet its document."""
    return f"{partner_id}|{integration_id}"


def order(name: str, id: str) -> str:
    """By name, whatever its case and accents, each at a place of its own."""
    return f"{folded(name)[:_SORTED_BY]}\n{id}"


def _import_work(import_: Import) -> Iterator[Due]:
    if import_.status is Step.PENDING:
        yield Due(FETCH, "", _at(import_.due_at), import_.integration_id)


def _bulk_work(bulk: BulkImport) -> Iterator[Due]:
    if bulk.due:
        yield Due(BULK, "")


def _mirror_work(mirror: Mirror) -> Iterator[Due]:
    if mirror.due:
        yield Due(MIRROR_ACCOUNTS, "", _at(mirror.due_at), mirror.integration_id)


def _poll_work(watch: Watch) -> Iterator[Due]:
    if watch.watching:
        yield Due(POLL, "", _at(watch.due_at), watch.integration_id)


def _link_work(link: Link) -> Iterator[Due]:
    if link.due:
        about = link.account.integration_id if link.account is not None else ""
        yield Due(SYNC, link.customer_id, _at(link.due_at), about)


def _at(stamp: str | None) -> datetime | None:
    return datetime.fromisoformat(stamp) if stamp else None


def _import_looked_for(import_: Import) -> dict[str, Any]:
    """`answered`: since when customer-svc has the word; absent before and after. `bulk` and `step`: only of those that
    a bulk import made."""
    found = {"answered": import_.updated_at} if import_.status is Step.ANSWERED else {}
    return found | ({"bulk": import_.bulk_id, "step": import_.status.value} if import_.bulk_id else {})


def _customer_looked_for(customer: KnownCustomer) -> dict[str, Any]:
    return {"name": customer.name, "phone": customer.phone}


def _integration_looked_for(integration: Integration) -> dict[str, Any]:
    """`order`: by name, each at a place of its own; absent once it is deleted."""
    if integration.deleted:
        return {}
    return {"order": order(integration.name, integration.integration_id)}


def _link_looked_for(link: Link) -> dict[str, Any]:
    """`integration` and `account`: only while the link lasts."""
    if link.account is None:
        return {}
    account = link.account
    return {
        "integration": account.integration_id,
        "account": account_key(link.partner_id, account.integration_id, account.account_id),
    }


def _conflict_looked_for(conflict: Conflict) -> dict[str, Any]:
    """`order`: by when it was found, each at a place of its own."""
    status = "open" if conflict.review.open else "resolved"
    return {"status": status, "order": f"{conflict.review.found_at}\n{conflict.conflict_id}"}


BULK_IMPORT: Final[Kind[BulkImport, BulkProgressed]] = Kind(
    "bulk_imports", BulkImport, tell=bulk_message, work=_bulk_work, id_name="bulk_id"
)
CONFLICT: Final[Kind[Conflict, object]] = Kind("conflicts", Conflict, index=_conflict_looked_for, id_name="conflict_id")
IMPORT: Final[Kind[Import, ImportFact]] = Kind(
    "imports", Import, tell=import_message, work=_import_work, index=_import_looked_for, id_name="request_id"
)
INTEGRATION: Final[Kind[Integration, StatusChanged]] = Kind(
    "integrations", Integration, tell=integration_message, index=_integration_looked_for, id_name="integration_id"
)
KNOWN_CUSTOMER: Final[Kind[KnownCustomer, object]] = Kind(
    "known_customers", KnownCustomer, index=_customer_looked_for, id_name="customer_id"
)
LINK: Final[Kind[Link, LinkFact]] = Kind(
    "links", Link, tell=link_message, index=_link_looked_for, work=_link_work, id_name="customer_id"
)
MIRROR: Final[Kind[Mirror, object]] = Kind("mirrors", Mirror, work=_mirror_work, id_name="integration_id")
WATCH: Final[Kind[Watch, object]] = Kind("watches", Watch, work=_poll_work, id_name="integration_id")
ACCOUNTS: Final = "accounts"
"""The mirrored accounts, a document each: written page by page and not through the engine, since nothing is decided."""
KINDS: Final = (BULK_IMPORT, CONFLICT, IMPORT, INTEGRATION, KNOWN_CUSTOMER, LINK, MIRROR, WATCH)
INDEXES: Final = (  # of accounts also the text that is searched, so that only those found are read
    ("conflicts", "partner_id", "q.order"),
    ("conflicts", "partner_id", "q.status", "q.order"),
    ("imports", "q.answered"),
    ("imports", "q.bulk", "q.step", "_id"),
    ("integrations", "partner_id", "q.order"),
    ("known_customers", "partner_id", "q.name"),
    ("known_customers", "partner_id", "q.phone"),
    ("links", "partner_id", "q.integration"),
    ("links", "q.account"),
    (ACCOUNTS, "partner_id", "integration_id", "gone", "order", "text"),
    ("deliveries", "at"),
    ("open_work", "job", "due_at"),
    ("open_work", "about", "due_at"),
)
