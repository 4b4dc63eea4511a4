"""From a command's shapes to the domain's."""

from typing import Any, Final, Literal

from pydantic import BaseModel, TypeAdapter

from customer_svc.domain.customer import Address, PaymentTerms
from shared.contracts.customers import CreateCustomer
from shared.engine.change import Meta

_ADDRESS: Final[TypeAdapter[Address]] = TypeAdapter(Address)
_TERMS: Final[TypeAdapter[PaymentTerms]] = TypeAdapter(PaymentTerms)
_DETAILS: Final = ("contact_number", "company_address", "email", "cc", "payment_terms")


def in_domain(name: str, value: Any) -> Any:
    """One field's value: shapes become the domain's own, the rest stays."""
    if isinstance(value, BaseModel):
        adapter: TypeAdapter[Any] = _ADDRESS if name == "company_address" else _TERMS
        return adapter.validate_python(value.model_dump())
    return value


def details_given(command: CreateCustomer) -> dict[str, Any]:
    return {name: in_domain(name, getattr(command, name)) for name in _DETAILS if getattr(command, name)}


def source_of(meta: Meta) -> Literal["portal", "command"]:
    """A person at the portal comes by HTTP; everything else by the command topic."""
    return "portal" if meta.position is None else "command"
