"""What changed at a linked account in the PSA, or was decided for both sides, is taken over."""

from collections.abc import Iterator
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from customer_svc.aggregates import CUSTOMER
from customer_svc.domain.account_change import FieldChange, Seen, Value, take_account_change
from customer_svc.domain.customer import Account, Customer
from customer_svc.domain.facts import CustomerFact
from customer_svc.handlers.contract_fields import address
from customer_svc.handlers.psa_shapes import psa_account
from shared.contracts import psa
from shared.contracts.psa import AccountChanged
from shared.contracts.shapes import PsaAddress
from shared.engine.change import Change, Meta, Reads
from shared.engine.decision import Decision


def handle(seen: AccountChanged, meta: Meta, *, region: str | None) -> Iterator[Change[Customer, CustomerFact]]:
    del meta
    changes = {name: found for name, each in seen.changes.items() if (found := _change(name, each)) is not None}
    link = Account(seen.integration_id, seen.account_id)
    what = Seen(psa_account(seen.account), link, seen.link_version, changes, seen.source)

    def decide(customer: Customer | None, _reads: Reads) -> Decision[Customer, CustomerFact]:
        return take_account_change(customer, what, region=region)

    yield Change(CUSTOMER, seen.customer_id, decide)


def _change(name: str, given: psa.FieldChange) -> FieldChange | None:
    """None: no values that this field could have; another version's, perhaps."""
    try:
        return FieldChange(_value(name, given.from_), _value(name, given.to))
    except ValidationError:
        return None


def _value(name: str, given: Any) -> Value:
    if given is None:
        return None
    return address(PsaAddress.model_validate(given)) if name == "company_address" else _TEXT.validate_python(given)


_TEXT: Final = TypeAdapter(str)
