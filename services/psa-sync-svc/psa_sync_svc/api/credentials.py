"""Credentials as each provider has them: taken, and never shown."""

from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, SecretStr, SkipValidation, ValidationError
from pydantic_core import PydanticCustomError

from psa_sync_svc.domain.provider import Provider
from shared.contracts.base import Shape
from shared.contracts.reading import problems_of
from shared.engine.decision import Problem as Wrong
from shared.engine.decision import Refused


def _one_word_line(value: SecretStr) -> SecretStr:
    """Credentials travel in headers: what surrounds them when they are pasted is no part of them."""
    text = value.get_secret_value().strip()
    if not text:
        raise PydanticCustomError("string_too_short", "a value is needed here")
    if not text.isprintable():
        raise PydanticCustomError("invalid", "control characters and line breaks are not taken")
    return SecretStr(text)


Secret = Annotated[SecretStr, Field(max_length=200), AfterValidator(_one_word_line)]


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


def credentials_of(provider: Provider, raw: Any) -> dict[str, str]:
    """Raises `Refused` that names what is missing or wrong, and never what was given."""
    try:
        found = _CREDENTIALS[provider].model_validate(raw)
    except ValidationError as error:
        raise Refused(
            *(Wrong(f"/credentials{each.pointer}", each.code, each.detail) for each in problems_of(error))
        ) from None
    return {name: value.get_secret_value() for name, value in found}
