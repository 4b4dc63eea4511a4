"""What every message of the published language is: a frozen model whose class names its CloudEvents type."""

from abc import abstractmethod
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.contracts.forms import PartnerId


class Shape(BaseModel):
    """A part of a message. Readers ignore unknown fields; an error never repeats what was sent.

    A shape is also made from an object with attributes of the same names: `Address.model_validate(state.address)`.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
        from_attributes=True,
        json_schema_serialization_defaults_required=True,
    )


class Problem(Shape):
    """`pointer` is a JSON Pointer into the data (empty: the whole), `code` UPPER_SNAKE; `detail` is for a person."""

    pointer: str
    code: str
    detail: str


class Message(Shape):
    """The data of one CloudEvent; its text is `model_dump_json()`, where null fields are present.

    A breaking change is a class of the same name with the next VERSION, published beside the old one.
    """

    VERSION: ClassVar[int] = 1

    @classmethod
    def ce_type(cls) -> str:
        """`rebilling.<Name>.v<major>`."""
        return f"rebilling.{cls.__name__}.v{cls.VERSION}"

    @property
    @abstractmethod
    def tenant(self) -> str:
        """The partner that the message belongs to, as its data says: `ce_partnerid`."""


class Command(Message):
    """What others ask of a service. It is read strictly: what it brings is checked here, once, for its form."""

    partner_id: PartnerId

    @property
    def tenant(self) -> str:
        return self.partner_id


class Event(Message):
    """What happened, said by the service that owns it. It is read with trust: types are checked, limits are not."""
