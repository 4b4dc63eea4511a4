"""The two ways that one command can go: as a record on its topic, and as a request to its service."""

from dataclasses import dataclass
from typing import Any

from shared.contracts.topics import CUSTOMERS_COMMANDS, INVOICES_COMMANDS, PSA_COMMANDS
from tests.faults.running import CUSTOMER_SVC, INVOICE_SVC, PSA_SYNC_SVC


@dataclass(frozen=True, slots=True)
class Way:
    """Its data on the topic; method, path and body of its request. `key`: the record's, if not a customer's."""

    topic: str
    data: dict[str, Any]
    method: str
    service: str
    path: str
    body: dict[str, Any] | None
    key: str = ""


def creating(customer_id: str, sets: dict[str, Any]) -> Way:
    body = {"customer_id": customer_id, **sets}
    return Way(CUSTOMERS_COMMANDS.name, sets, "POST", CUSTOMER_SVC, "/v1/customers", body)


def updating(customer_id: str, sets: dict[str, Any]) -> Way:
    return Way(CUSTOMERS_COMMANDS.name, {"set": sets}, "PATCH", CUSTOMER_SVC, f"/v1/customers/{customer_id}", sets)


def billing(customer_id: str, data: dict[str, Any]) -> Way:
    return Way(INVOICES_COMMANDS.name, data, "POST", INVOICE_SVC, "/v1/invoices", {"customer_id": customer_id, **data})


def line(quantity: int) -> dict[str, str]:
    return {"description": "Managed seat", "quantity": str(quantity), "unit_price": "10.00", "tax_rate": "0.21"}


def setting_terms(customer_id: str, terms: dict[str, Any] | None) -> Way:
    path, verb = f"/v1/customers/{customer_id}/payment-terms", "DELETE" if terms is None else "PUT"
    return Way(CUSTOMERS_COMMANDS.name, {"payment_terms": terms}, verb, CUSTOMER_SVC, path, terms)


def of_customer(customer_id: str, verb: str) -> Way:
    """`disable`, `enable`, `archive`."""
    path = f"/v1/customers/{customer_id}/{verb}"
    return Way(CUSTOMERS_COMMANDS.name, {}, "POST", CUSTOMER_SVC, path, {})


def linking(customer_id: str, account: dict[str, str]) -> Way:
    path = f"/v1/customers/{customer_id}/integration"
    return Way(CUSTOMERS_COMMANDS.name, account, "PUT", CUSTOMER_SVC, path, account)


def unlinking(customer_id: str) -> Way:
    path = f"/v1/customers/{customer_id}/integration"
    return Way(CUSTOMERS_COMMANDS.name, {}, "DELETE", CUSTOMER_SVC, path, None)


def of_invoice(invoice_id: str, verb: str, body: dict[str, Any]) -> Way:
    path = f"/v1/invoices/{invoice_id}/{verb}"
    return Way(INVOICES_COMMANDS.name, {"invoice_id": invoice_id, **body}, "POST", INVOICE_SVC, path, body)


def importing(integration_id: str, account_id: str, data: dict[str, Any]) -> Way:
    wanted = {"integration_id": integration_id, "account_id": account_id, **data}
    key = f"{integration_id}/{account_id}"
    return Way(PSA_COMMANDS.name, wanted, "POST", PSA_SYNC_SVC, "/v1/imports", wanted, key)
