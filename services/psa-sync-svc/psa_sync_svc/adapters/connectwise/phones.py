"""Telephone numbers with the prefix that a server wants before the country: that each takes `+` is unconfirmed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from psa_sync_svc.domain.account import PsaAccount
from psa_sync_svc.domain.fields import Field, FieldValue

_PLUS: Final = "+"


def dialled(values: Mapping[Field, FieldValue], prefix: str) -> Mapping[Field, FieldValue]:
    """Numbers here are E.164, so that another prefix is only another beginning."""
    number = values.get(Field.CONTACT_NUMBER)
    if not isinstance(number, str) or not number.startswith(_PLUS):
        return values
    return {**values, Field.CONTACT_NUMBER: prefix + number.removeprefix(_PLUS)}


def undialled(account: PsaAccount, prefix: str) -> PsaAccount:
    """What was written so is read as what was meant, in whichever country the company is."""
    number = account.contact_number
    if prefix == _PLUS or number is None or not number.startswith(prefix):
        return account
    return replace(account, contact_number=_PLUS + number.removeprefix(prefix))
