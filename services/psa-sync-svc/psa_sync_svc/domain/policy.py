"""Who is right where both sides changed a field differently; an integration says it for each field."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from psa_sync_svc.domain.fields import Field


class Policy(StrEnum):
    """`newest`: the later change, ours where both came at the same moment. `review`: a person decides, and until then
    both sides keep what they have."""

    PORTAL = "portal"
    PSA = "psa"
    NEWEST = "newest"
    REVIEW = "review"


Policies = Mapping[Field, Policy]
"""A field that is not named has the default."""

DEFAULT: Final = Policy.REVIEW
"""Nobody's change is lost unseen until a partner says which side counts."""


def policy_of(policies: Policies, field: Field) -> Policy:
    return policies.get(field, DEFAULT)


def all_policies(policies: Policies) -> dict[Field, Policy]:
    return {field: policy_of(policies, field) for field in Field}
