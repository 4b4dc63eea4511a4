"""What is said of imports and links: the account as the PSA has it, what was pushed, and why something was not."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from pydantic import TypeAdapter

from psa_sync_svc.domain.account import Address, PsaAccount
from psa_sync_svc.domain.bulk import BulkImport, BulkProgressed
from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.domain.importing import Import, ImportAnswered, ImportFact, PaymentTerms
from psa_sync_svc.domain.integration import Integration, StatusChanged
from psa_sync_svc.domain.link import Link, Review, Source, Told
from psa_sync_svc.domain.link_facts import (
    AccountChanged,
    AccountStandingChanged,
    ConflictFound,
    ConflictResolved,
    FieldsPushed,
    LinkFact,
    PushFailed,
)
from shared.contracts import answers, psa, shapes, topics
from shared.contracts.base import Problem
from shared.engine.change import Outgoing
from shared.engine.outbox import derived_id

_TERMS: Final[TypeAdapter[shapes.PaymentTerms]] = TypeAdapter(shapes.PaymentTerms)


def shown_account(account: PsaAccount) -> psa.PsaAccount:
    """An account as the contract has it."""
    return psa.PsaAccount.model_validate(account)


def import_message(fact: ImportFact, import_: Import) -> Outgoing:
    return _answered(import_) if isinstance(fact, ImportAnswered) else _refused(import_)


def integration_message(_fact: StatusChanged, integration: Integration) -> Outgoing:
    message = psa.IntegrationStatusChanged(
        partner_id=integration.partner_id,
        integration_id=integration.integration_id,
        provider=integration.provider.value,
        status=integration.status.value,
        code=integration.code,
        detail=integration.detail,
        changed_at=integration.updated_at,
    )
    return Outgoing(topics.PSA.name, integration.integration_id, integration.integration_id, message)


def _answered(import_: Import) -> Outgoing:
    assert import_.account is not None  # noqa: S101 - an answered import has its account
    account = shown_account(import_.account)
    message = psa.ImportAnswered(
        request_id=import_.request_id,
        partner_id=import_.partner_id,
        integration_id=import_.integration_id,
        provider=import_.provider or "",
        account=account,
        email=import_.asked.email,
        cc=import_.asked.cc,
        payment_terms=_terms(import_.asked.payment_terms),
    )
    key = f"{import_.integration_id}/{account.account_id}"
    return Outgoing(topics.PSA.name, key, import_.request_id, message)


def _refused(import_: Import) -> Outgoing:
    assert import_.refusal is not None  # noqa: S101 - a refused import has its refusal
    refusal = import_.refusal
    message = answers.ImportRefused(
        request_id=import_.request_id,
        partner_id=import_.partner_id,
        integration_id=import_.integration_id,
        account_id=import_.account_id,
        code=refusal.code.value,
        detail=refusal.detail,
        errors=tuple(Problem.model_validate(each) for each in refusal.errors),
    )
    return Outgoing(topics.ANSWERS.name, import_.request_id, import_.request_id, message)


def bulk_message(_fact: BulkProgressed, bulk: BulkImport) -> Outgoing:
    message = psa.BulkImportProgressed(
        partner_id=bulk.partner_id,
        bulk_id=bulk.bulk_id,
        integration_id=bulk.integration_id,
        status=bulk.status.value,
        expected=bulk.expected,
        counts=psa.BulkCounts.model_validate(bulk.counts),
    )
    return Outgoing(topics.PSA.name, bulk.integration_id, bulk.bulk_id, message)


def _terms(given: PaymentTerms | None) -> shapes.PaymentTerms | None:
    if given is None:
        return None
    told = {name: getattr(given, name) for name in given.__dataclass_fields__}
    return _TERMS.validate_python({name: value for name, value in told.items() if value is not None})


def conflict_id(customer_id: str, number: int) -> str:
    """Of one review of one customer; whoever makes it again makes the same."""
    return derived_id(customer_id, "conflict", str(number))


def shown_value(value: FieldValue) -> Any:
    """As the contract has it: a text, an address with every part, or null."""
    return asdict(value) if isinstance(value, Address) else value or None


def link_message(fact: LinkFact, link: Link) -> Outgoing:
    match fact:
        case AccountChanged():
            message: psa.PsaEvent = _changed(fact, link)
        case FieldsPushed():
            message = psa.FieldsPushed(**_pushed(fact, link))
        case PushFailed():
            outcome = {"code": fact.code, "detail": fact.detail, "will_retry": fact.will_retry}
            message = psa.PushFailed(**_pushed(fact, link), **outcome)
        case ConflictFound():
            message = psa.ConflictFound(**_conflict(fact.review, link))
        case ConflictResolved():
            chosen = {"chosen": shown_value(fact.review.chosen), "by": fact.review.by or _OURSELVES}
            message = psa.ConflictResolved(**_conflict(fact.review, link), **chosen)
        case AccountStandingChanged():
            message = _standing(fact, link)
    return Outgoing(topics.PSA.name, link.customer_id, link.customer_id, message)


_OURSELVES: Final = "service:psa-sync-svc"


def _changed(fact: AccountChanged, link: Link) -> psa.AccountChanged:
    assert link.account is not None  # noqa: S101 - an ended link takes nothing over
    assert link.seen is not None  # noqa: S101 - and what was never looked at has nothing to take
    return psa.AccountChanged(
        partner_id=link.partner_id,
        **_account(link),
        customer_id=link.customer_id,
        changes={field.value: _change(told) for field, told in fact.changes.items()},
        account=shown_account(link.seen),
        link_version=link.account.link_version or 0,
        seen_at=link.seen_at or "",
        source="portal" if all(told.source is not Source.PSA for told in fact.changes.values()) else "psa",
    )


def _standing(fact: AccountStandingChanged, link: Link) -> psa.AccountStandingChanged:
    assert link.account is not None  # noqa: S101 - of an ended link nothing is noticed
    return psa.AccountStandingChanged(
        partner_id=link.partner_id,
        **_account(link),
        customer_id=link.customer_id,
        previous=fact.previous.value,
        standing=link.standing.value,
        account=None if link.seen is None else shown_account(link.seen),
        link_version=link.account.link_version or 0,
        seen_at=link.seen_at or "",
    )


def _change(told: Told) -> psa.FieldChange:
    return psa.FieldChange(from_=shown_value(told.was), to=shown_value(told.to))


def _pushed(fact: FieldsPushed | PushFailed, link: Link) -> dict[str, Any]:
    return {
        "partner_id": link.partner_id,
        "customer_id": link.customer_id,
        "customer_version": fact.customer_version,
        **_account(link),
        "fields": _values(fact.fields),
    }


def _account(link: Link) -> dict[str, str]:
    assert link.account is not None  # noqa: S101 - nothing is pushed where the link has ended
    return {"integration_id": link.account.integration_id, "account_id": link.account.account_id}


def _values(fields: Mapping[Field, FieldValue]) -> dict[str, Any]:
    return {field.value: shown_value(value) for field, value in fields.items()}


def _conflict(review: Review, link: Link) -> dict[str, Any]:
    return {
        "partner_id": link.partner_id,
        "conflict_id": conflict_id(link.customer_id, review.number),
        "customer_id": link.customer_id,
        "field": review.field.value,
        "base": shown_value(review.base),
        "ours": shown_value(review.ours),
        "theirs": shown_value(review.theirs),
    }
