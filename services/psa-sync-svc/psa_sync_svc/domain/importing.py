"""One request to make an account of a PSA a customer: it is its own job, from the question to the last answer."""

from dataclasses import dataclass, replace
from enum import StrEnum

from psa_sync_svc.domain.account import PsaAccount
from psa_sync_svc.domain.integration import Integration, living
from shared.engine.decision import Decision, Problem, refuse


class Step(StrEnum):
    """`answered`: the account was read, and customer-svc makes the customer or refuses it."""

    PENDING = "pending"
    ANSWERED = "answered"
    IMPORTED = "imported"
    REFUSED = "refused"


class Code(StrEnum):
    """Why an import is refused."""

    NOT_FOUND = "NOT_FOUND"
    UNKNOWN_INTEGRATION = "UNKNOWN_INTEGRATION"
    AUTH_FAILED = "AUTH_FAILED"
    RATE_LIMITED = "RATE_LIMITED"
    UNAVAILABLE = "UNAVAILABLE"
    INVALID = "INVALID"


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """As the requester gave them; customer-svc knows what they mean."""

    kind: str
    days: int | None = None
    day: int | None = None
    months: int | None = None
    cutoff: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the requester gives beside the account: used only where the customer is created."""

    email: str | None = None
    cc: tuple[str, ...] = ()
    payment_terms: PaymentTerms | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Who asked, by which message, in which chain: what the worker says later is said for them."""

    message_id: str
    actor: str
    correlation_id: str
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    code: Code
    detail: str
    errors: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Import:
    """`tries`: how often the PSA was asked in vain; `due_at`: when it is asked again, RFC 3339, None: now. `bulk_id`:
    of the bulk import that it belongs to."""

    request_id: str
    partner_id: str
    integration_id: str
    account_id: str
    asked: Asked
    origin: Origin
    status: Step = Step.PENDING
    provider: str | None = None
    account: PsaAccount | None = None
    refusal: Refusal | None = None
    customer_id: str | None = None
    created: bool | None = None
    tries: int = 0
    due_at: str | None = None
    bulk_id: str | None = None
    version: int = 0
    created_at: str = ""
    updated_at: str = ""

    @property
    def what(self) -> tuple[str, str, Asked]:
        """What is asked for, whoever asks."""
        return self.integration_id, self.account_id, self.asked


@dataclass(frozen=True, slots=True)
class ImportAnswered:
    """The account was read."""


@dataclass(frozen=True, slots=True)
class ImportRefused:
    """By us; the import's state says why."""


ImportFact = ImportAnswered | ImportRefused


def request(known: Import | None, wanted: Import, integration: Integration | None) -> Decision[Import, ImportFact]:
    """A request that came before is the same import; one id for two different requests is a mistake of the sender."""
    if known is not None:
        if known.what != wanted.what:
            raise refuse("/request_id", "ALREADY_USED", "another import has this request_id; give this one its own")
        return Decision(known)
    if living(integration, wanted.partner_id) is None:
        return refuse_import(wanted, unknown_integration(wanted.integration_id))
    return Decision(wanted)


def unknown_integration(integration_id: str) -> Refusal:
    return Refusal(Code.UNKNOWN_INTEGRATION, f"there is no integration {integration_id}")


def no_account(account_id: str) -> Refusal:
    return Refusal(
        Code.NOT_FOUND, f"the PSA has no account {account_id}, or the integration's credentials may not see it"
    )


def answer(known: Import, provider: str, account: PsaAccount) -> Decision[Import, ImportFact]:
    """However often the account was read, it is answered once. An inactive account is answered as what it is."""
    if known.status is not Step.PENDING:
        return Decision(known)
    answered = replace(known, status=Step.ANSWERED, provider=provider, account=account, due_at=None)
    return Decision(answered, (ImportAnswered(),))


def refuse_import(known: Import, refusal: Refusal) -> Decision[Import, ImportFact]:
    if known.status is not Step.PENDING:
        return Decision(known)
    return Decision(replace(known, status=Step.REFUSED, refusal=refusal, due_at=None), (ImportRefused(),))


def ask_again(known: Import, *, at: str) -> Decision[Import, ImportFact]:
    if known.status is not Step.PENDING:
        return Decision(known)
    return Decision(replace(known, tries=known.tries + 1, due_at=at))


def close(known: Import, *, customer_id: str, created: bool) -> Decision[Import, ImportFact]:
    """customer-svc said which customer the account is."""
    if known.status in (Step.IMPORTED, Step.REFUSED):
        return Decision(known)
    return Decision(replace(known, status=Step.IMPORTED, customer_id=customer_id, created=created, due_at=None))


def refused_by_customers(known: Import, refusal: Refusal) -> Decision[Import, ImportFact]:
    """customer-svc could not take what was answered, and has said so itself."""
    if known.status in (Step.IMPORTED, Step.REFUSED):
        return Decision(known)
    return Decision(replace(known, status=Step.REFUSED, refusal=refusal, due_at=None))
