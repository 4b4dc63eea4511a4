"""What the PSA shows of a linked account: the only way in for it, from a poll, a reconciliation or a look."""

from dataclasses import dataclass, replace
from typing import Final

from psa_sync_svc.domain.account import PsaAccount
from psa_sync_svc.domain.alike import alike
from psa_sync_svc.domain.arriving import arrived
from psa_sync_svc.domain.fields import Field
from psa_sync_svc.domain.link import Link
from psa_sync_svc.domain.link_facts import AccountStandingChanged, LinkFact, PushFailed
from psa_sync_svc.domain.moments import moment
from psa_sync_svc.domain.policy import Policies
from psa_sync_svc.domain.reading import Taken, in_our_form, taken
from psa_sync_svc.domain.settling import settle
from psa_sync_svc.domain.values import Values
from shared.engine.decision import Decision


@dataclass(frozen=True, slots=True)
class Seen:
    """`account` None: it is gone there. `at`: when it was asked for, so what is shown is at least as new.

    `under_lease`: by whoever works on the link alone: no older look, and no attempt is still on its way.
    """

    integration_id: str
    account_id: str
    account: PsaAccount | None
    at: str
    under_lease: bool = False


def notice(link: Link, seen: Seen, policies: Policies, region: str | None) -> Decision[Link, LinkFact]:
    """What it says of the values, and first whether the account is still in use there."""
    decision = _noticed(link, seen, policies, region)
    if decision.state.standing is link.standing:
        return decision
    return Decision(decision.state, (AccountStandingChanged(link.standing), *decision.facts))


def _noticed(link: Link, seen: Seen, policies: Policies, region: str | None) -> Decision[Link, LinkFact]:
    """What is older than what we know and shows something else is looked at again: it may be newer all the same."""
    account = link.account
    if account is None or (account.integration_id, account.account_id) != (seen.integration_id, seen.account_id):
        return Decision(link)
    if not seen.under_lease and link.seen_at is not None and moment(seen.at) < moment(link.seen_at):
        return Decision(link if link.look or _as_known(link, seen.account, region) else replace(link, look=True))
    if seen.account is None:
        return _gone(link, seen)
    known, link = link, _shown(link, seen.account, seen.at, region)
    link, pushed = arrived(link, seen.at, over=seen.under_lease)
    return settle(known, link, policies, seen.at, *pushed)


def _as_known(link: Link, account: PsaAccount | None, region: str | None) -> bool:
    if account is None or link.theirs is None or link.gone:
        return account is None and link.gone
    shown = _read(link, account, region).values
    return all(alike(link.theirs[field], shown[field]) for field in Field)


def _gone(link: Link, seen: Seen) -> Decision[Link, LinkFact]:
    after = replace(link, gone=True, seen_at=seen.at, look=False, attempt=None, tries=0, due_at=None, trouble=None)
    waiting = link.to_push
    if not waiting:
        return Decision(after)
    return Decision(after, (PushFailed(link.customer_version, waiting, "NOT_FOUND", GONE, will_retry=False),))


GONE: Final = "the account is no longer there, or the integration's credentials may not see it"


RATE_LIMITED: Final = "RATE_LIMITED"
"""A PSA that answered somebody is asked again at once, but for where it said when to come."""


def _read(link: Link, account: PsaAccount, region: str | None) -> Taken:
    """A number that could be read and that nobody touched stays the same one when the address moves to another country,
    in which it would be somebody else's or none."""
    found, field = taken(account, region), Field.CONTACT_NUMBER
    if not _number_untouched(link, account):
        return found
    number = (link.theirs or link.base or Values())[field]
    return Taken(
        found.values.having(field, number), {name: each for name, each in found.unread.items() if name is not field}
    )


def _number_untouched(link: Link, account: PsaAccount) -> bool:
    """Against the last look, or, before the first one, against what was imported, by the country of then. A country
    that comes where there was none says for the first time how to read the number."""
    before = link.theirs or link.base or Values()
    home = before.company_address.country if before.company_address is not None else None
    if home is None:
        return False
    if link.theirs is not None:
        seen, unread = link.seen, link.state(Field.CONTACT_NUMBER).unread
        return unread is None and seen is not None and seen.contact_number == account.contact_number
    number, problem = in_our_form(Field.CONTACT_NUMBER, account.contact_number, home)
    return problem is None and alike(number, before.contact_number)


def _shown(link: Link, account: PsaAccount, at: str, region: str | None) -> Link:
    found = _read(link, account, region)
    before = link.theirs or link.base or Values()
    for field in Field:
        state = replace(link.state(field), unread=found.unread.get(field))
        if state.theirs_since is None or not alike(before[field], found.values[field]):
            state = replace(state, theirs_since=account.modified_at or at)
        link = link.having(field, state)
    later = at if link.seen_at is None or moment(at) > moment(link.seen_at) else link.seen_at
    due_at = link.due_at if link.trouble is not None and link.trouble.code == RATE_LIMITED else None
    return replace(link, seen=account, theirs=found.values, seen_at=later, gone=False, look=False, due_at=due_at)


def hint(link: Link, integration_id: str, account_id: str) -> Decision[Link, LinkFact]:
    """Somebody says that there is something to be seen. After trouble a pause stays a pause."""
    account = link.account
    if account is None or (account.integration_id, account.account_id) != (integration_id, account_id) or link.look:
        return Decision(link)
    return Decision(replace(link, look=True, due_at=link.due_at if link.trouble is not None else None))
