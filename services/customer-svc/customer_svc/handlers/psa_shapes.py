"""What psa-sync-svc says of an account, as the domain knows it."""

from customer_svc.domain.psa_account import PsaAccount
from customer_svc.handlers.contract_fields import address
from shared.contracts import psa


def psa_account(given: psa.PsaAccount) -> PsaAccount:
    return PsaAccount(
        given.account_id, given.company_name, given.contact_number, address(given.company_address), given.reference
    )
