"""Integrations as the routes take and show them."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

from psa_sync_svc.api.credentials import AnyCredentials
from psa_sync_svc.api.webhook_shapes import ShownWebhook
from psa_sync_svc.domain.fields import Field as FieldName
from psa_sync_svc.domain.integration import Integration, Status
from psa_sync_svc.domain.policy import DEFAULT, Policy
from psa_sync_svc.domain.provider import Provider
from shared.contracts.base import Shape
from shared.contracts.forms import PRINTABLE, Name, SaidId, SaidTime


def _address(value: str) -> str:
    """Whether it may be called is the client's to say; here it is only an address."""
    try:
        parts = urlsplit(value)
        named = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        named = False
    if not named or parts.username is not None or parts.query or parts.fragment:
        raise PydanticCustomError("invalid", "must be an address such as https://psa.example, without user and query")
    return value.rstrip("/")


BaseUrl = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=200, pattern=PRINTABLE), AfterValidator(_address)
]


PolicyName = Literal["portal", "psa", "newest", "review"]


class FieldPolicies(Shape):
    """Who is right where both sides changed a field differently; see docs/two-way-sync.md."""

    model_config = ConfigDict(extra="forbid")

    company_name: PolicyName = DEFAULT.value
    contact_number: PolicyName = DEFAULT.value
    company_address: PolicyName = DEFAULT.value
    reference: PolicyName = DEFAULT.value

    def given(self) -> dict[FieldName, Policy]:
        """Those that were named."""
        return {FieldName(name): Policy(getattr(self, name)) for name in self.model_fields_set}


class NewIntegration(Shape):
    """`base_url` null: the vendor's own address."""

    provider: Provider
    name: Name
    base_url: BaseUrl | None = None
    credentials: AnyCredentials
    policies: FieldPolicies = FieldPolicies()


class IntegrationFields(Shape):
    """What is not given stays as it is, each policy by itself. The credentials are given whole, and again with a new
    `base_url`."""

    model_config = ConfigDict(extra="forbid")

    name: Name = ""
    base_url: BaseUrl | None = None
    credentials: AnyCredentials | None = None
    policies: FieldPolicies = FieldPolicies()


class ShownIntegration(Shape):
    """`code` and `detail`: what was wrong when it was called last. `webhook` null: it was given no secret."""

    integration_id: SaidId
    partner_id: str
    provider: Provider
    name: str
    base_url: str | None
    status: Status
    code: str | None
    detail: str | None
    checked_at: SaidTime | None
    webhook: ShownWebhook | None
    policies: FieldPolicies
    version: int
    created_at: SaidTime
    updated_at: SaidTime


class Tested(Shape):
    """`ok`: the address and the credentials work."""

    ok: bool
    status: Status
    code: str | None
    detail: str | None
    checked_at: SaidTime | None


def shown_integration(integration: Integration) -> ShownIntegration:
    return ShownIntegration.model_validate(integration)
