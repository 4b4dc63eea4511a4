"""What an account may be like, of every customer, linked or not: taken from the same events as the links."""

from psa_sync_svc.aggregates import KNOWN_CUSTOMER
from psa_sync_svc.domain.likeness import KnownCustomer, know, name_key, phone_key
from shared.contracts.customers import Customer
from shared.engine.change import Change, Reads
from shared.engine.decision import Decision


def knowing(customer: Customer) -> Change[KnownCustomer, object]:
    """customer-svc keeps numbers as E.164; so they need no region here."""
    here = customer.status != "archived"
    told = KnownCustomer(
        customer.customer_id,
        customer.partner_id,
        customer.version,
        name_key(customer.company_name) if here else None,
        phone_key(customer.contact_number, None) if here else None,
    )

    def decide(known: KnownCustomer | None, _reads: Reads) -> Decision[KnownCustomer, object]:
        return know(known, told)

    return Change(KNOWN_CUSTOMER, customer.customer_id, decide, once=False)
