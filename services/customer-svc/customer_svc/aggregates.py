"""The aggregates of customer-svc and how their facts are told."""

from collections.abc import Mapping
from typing import Any, Final

from customer_svc.domain.customer import Customer, CustomerFact
from customer_svc.messages import customer_message
from shared.engine.change import Kind


def _index(customer: Customer) -> Mapping[str, Any]:
    """What lists are searched by: lower case, since the store compares bytes."""
    return {
        "name": customer.details.company_name.casefold(),
        "status": customer.status.value,
        "email": customer.details.email is not None,
    }


CUSTOMER: Final = Kind[Customer, CustomerFact](
    collection="customers", state=Customer, tell=customer_message, index=_index, id_name="customer_id"
)
