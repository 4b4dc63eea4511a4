"""The account that the tests of changes change, and what they change it to."""

from collections.abc import Mapping

from psa_sync_svc.domain.account import Address, PsaAccount
from psa_sync_svc.domain.fields import Field, FieldValue

NAME, PHONE, ADDRESS, REFERENCE = Field.COMPANY_NAME, Field.CONTACT_NUMBER, Field.COMPANY_ADDRESS, Field.REFERENCE
ALL: Mapping[Field, FieldValue] = {
    NAME: "Łódź & Ø 🥐",
    PHONE: "+48422000002",
    ADDRESS: Address("ul. Lipowa 11", "lok. 7", "Łódź", "łódzkie", "90-418", "PL"),
    REFERENCE: "NW-7",
}


def values_of(account: PsaAccount) -> dict[Field, FieldValue]:
    return {field: getattr(account, field) for field in Field}
