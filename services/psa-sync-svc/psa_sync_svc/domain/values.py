"""The values of the synced fields on one side."""

from dataclasses import dataclass, replace
from typing import cast

from psa_sync_svc.domain.account import Address
from psa_sync_svc.domain.fields import Field, FieldValue


@dataclass(frozen=True, slots=True)
class Values:
    """The fields that are kept in step."""

    company_name: str | None = None
    contact_number: str | None = None
    company_address: Address | None = None
    reference: str | None = None

    def __getitem__(self, field: Field) -> FieldValue:
        return cast(FieldValue, getattr(self, field.value))

    def having(self, field: Field, value: FieldValue) -> "Values":
        changes = {field.value: value}
        return replace(self, **changes)  # type: ignore[arg-type]  # the field says which type its value has
