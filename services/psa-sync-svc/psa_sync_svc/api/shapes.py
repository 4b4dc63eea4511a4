"""What the routes take and show. Credentials are taken and never shown."""

from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field, SecretStr, SkipValidation, StringConstraints, ValidationError
from pydantic_core import PydanticCustomError

from psa_sync_svc.domain.fields import Field as FieldName
from psa_sync_svc.domain.importing import Import, Step
from psa_sync_svc.domain.integration import Integration, Status
from psa_sync_svc.domain.policy import DEFAULT, Policy
from psa_sync_svc.domain.provider import Provider
from shared.contracts.answers import ImportCode
from shared.contracts.base import Problem, Shape
from shared.contracts.forms import PRINTABLE, Name, SaidId, SaidTime
from shared.contracts.psa import PsaAccount
from shared.contracts.reading import problems_of
from shared.engine.decision import Problem as Wrong
from shared.engine.decision import Refused
from shared.web.paging import Page


def _one_word_line(value: SecretStr) -> SecretStr:
    """Credentials travel in headers: what surrounds them when they are pasted is no part of them."""
    text = value.get_secret_value().strip()
    if not text:
        raise PydanticCustomError("string_too_short", "a value is needed here")
    if not text.isprintable():
        raise PydanticCustomError("invalid", "control characters and line breaks are not taken")
    return SecretStr(text)


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


Secret = Annotated[SecretStr, Field(max_length=200), AfterValidator(_one_word_line)]
BaseUrl = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=200, pattern=PRINTABLE), AfterValidator(_address)
]


class AutotaskCredentials(Shape):
    username: Secret
    secret: Secret
    integration_code: Secret


class ConnectwiseCredentials(Shape):
    company: Secret
    public_key: Secret
    private_key: Secret
    client_id: Secret


class HaloCredentials(Shape):
    client_id: Secret
    client_secret: Secret
    tenant: Secret


_CREDENTIALS: Final[dict[Provider, type[Shape]]] = {
    Provider.AUTOTASK: AutotaskCredentials,
    Provider.CONNECTWISE: ConnectwiseCredentials,
    Provider.HALOPSA: HaloCredentials,
}
AnyCredentials = SkipValidation[AutotaskCredentials | ConnectwiseCredentials | HaloCredentials]
"""Which of them it has to be is known by the provider: `credentials_of` reads them."""


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


def credentials_of(provider: Provider, raw: Any) -> dict[str, str]:
    """Raises `Refused` that names what is missing or wrong, and never what was given."""
    try:
        found = _CREDENTIALS[provider].model_validate(raw)
    except ValidationError as error:
        raise Refused(
            *(Wrong(f"/credentials{each.pointer}", each.code, each.detail) for each in problems_of(error))
        ) from None
    return {name: value.get_secret_value() for name, value in found}


class ShownWebhook(Shape):
    """`stopped_at`: since when the PSA says that it sends nothing; it has to be switched on again there."""

    secret_made_at: SaidTime
    stopped_at: SaidTime | None


class WebhookSecret(Shape):
    """`secret` is shown this once. `header`: which header the PSA has to send what is made with it in, or itself.
    `path` and `stopped_path`: where the PSA is to send what changed, and that it has stopped; `url` and `stopped_url`:
    the same where it is set under which address this service is reached."""

    integration_id: SaidId
    secret: str
    header: str
    path: str
    stopped_path: str
    url: str | None
    stopped_url: str | None
    made_at: SaidTime


class Accepted(Shape):
    """What was sent is taken as a hint; what is true is read from the PSA afterwards."""

    accepted: Literal[True] = True


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


class ListTrouble(Shape):
    """Why the list could not be read anew."""

    code: str
    detail: str
    at: SaidTime


class AccountPage(Page[PsaAccount]):
    """`mirrored_at`: when the list was last read whole, null: never, so there are more than these. `refreshing`: it is
    being read anew."""

    mirrored_at: SaidTime | None
    refreshing: bool
    trouble: ListTrouble | None


WaitsFor = Literal["psa", "customer-svc"]
_WAITS_FOR: Final[dict[Step, WaitsFor]] = {Step.PENDING: "psa", Step.ANSWERED: "customer-svc"}


class ShownImport(Shape):
    """`customer_id` and `created` once it is imported; `code`, `detail` and `errors` where it was refused. Until then
    `waits_for` names who has the next step: the PSA, asked `tries` times in vain and again at `next_try_at`; or
    customer-svc, since `updated_at`. Where that lasts, it is away or has put the answer aside."""

    request_id: str
    integration_id: SaidId
    account_id: str
    status: Step
    customer_id: SaidId | None
    created: bool | None
    code: ImportCode | None
    detail: str | None
    errors: tuple[Problem, ...]
    waits_for: WaitsFor | None
    tries: int
    next_try_at: SaidTime | None
    created_at: SaidTime
    updated_at: SaidTime


def shown_integration(integration: Integration) -> ShownIntegration:
    return ShownIntegration.model_validate(integration)


def shown_import(import_: Import) -> ShownImport:
    refusal = import_.refusal
    return ShownImport(
        request_id=import_.request_id,
        integration_id=import_.integration_id,
        account_id=import_.account_id,
        status=import_.status,
        customer_id=import_.customer_id,
        created=import_.created,
        code=refusal.code.value if refusal else None,
        detail=refusal.detail if refusal else None,
        errors=tuple(Problem.model_validate(each) for each in refusal.errors) if refusal else (),
        waits_for=_WAITS_FOR.get(import_.status),
        tries=import_.tries,
        next_try_at=import_.due_at,
        created_at=import_.created_at,
        updated_at=import_.updated_at,
    )
