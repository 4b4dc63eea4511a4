"""A customer's link with an account, as customer-svc told it last, and what both sides had when last alike."""

from dataclasses import dataclass, replace
from typing import cast

from psa_sync_svc.domain.account import Address
from shared.engine.decision import Decision


@dataclass(frozen=True, slots=True)
class Values:
    """The fields that are kept in step."""

    company_name: str
    contact_number: str | None = None
    company_address: Address | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class LinkedAccount:
    """`link_version`: the customer's version at which the link was made."""

    integration_id: str
    account_id: str
    link_version: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """One customer that is or was linked. `account` None: the link has ended.

    `base`: what was last in step on both sides, as customer-svc writes it; None: never compared, as after a link by
    hand.
    """

    customer_id: str
    partner_id: str
    customer_version: int
    account: LinkedAccount | None
    ours: Values
    base: Values | None = None


def know(known: Link | None, told: Link, *, imported: bool) -> Decision[Link, object]:
    """Take the newest version. `imported`: at this version the customer was made out of its account, so both sides are
    alike; the events of one version come one by one, and any of them may tell it."""
    if known is None:
        never_linked = cast(Link, None)  # no document is made
        return Decision(never_linked if told.account is None else _with_base(told, imported))
    if told.customer_version < known.customer_version:
        return Decision(known)
    if told.customer_version == known.customer_version:
        return Decision(known if known.base is not None else _same(known, _with_base(known, imported)))
    kept = replace(told, base=known.base) if told.account == known.account else told
    return Decision(_with_base(kept, imported))


def _with_base(link: Link, imported: bool) -> Link:
    return replace(link, base=link.ours) if imported and link.account is not None else link


def _same(before: Link, after: Link) -> Link:
    return before if before == after else after
