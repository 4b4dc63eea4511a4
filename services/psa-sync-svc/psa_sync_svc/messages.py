"""What became of an import, as others are told: the account as the PSA has it, or why it cannot be imported."""

from typing import Final

from pydantic import TypeAdapter

from psa_sync_svc.domain.account import PsaAccount
from psa_sync_svc.domain.importing import Import, ImportAnswered, ImportFact, PaymentTerms
from shared.contracts import answers, psa, shapes, topics
from shared.contracts.base import Problem
from shared.engine.change import Outgoing

_TERMS: Final[TypeAdapter[shapes.PaymentTerms]] = TypeAdapter(shapes.PaymentTerms)


def shown_account(account: PsaAccount) -> psa.PsaAccount:
    """An account as the contract has it."""
    return psa.PsaAccount.model_validate(account)


def import_message(fact: ImportFact, import_: Import) -> Outgoing:
    return _answered(import_) if isinstance(fact, ImportAnswered) else _refused(import_)


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


def _terms(given: PaymentTerms | None) -> shapes.PaymentTerms | None:
    if given is None:
        return None
    told = {name: getattr(given, name) for name in given.__dataclass_fields__}
    return _TERMS.validate_python({name: value for name, value in told.items() if value is not None})
