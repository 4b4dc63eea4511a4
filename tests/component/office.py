"""customer-svc, invoice-svc and a mail sink as processes of their own, for the tests of one module."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiokafka import AIOKafkaProducer

from embedded.part import Part
from embedded.stack import Stack
from ops.identity import Identity, identity_in
from tests.component.partner import Addresses, Partner
from tests.component.process import a_mail_sink, a_service


@dataclass(frozen=True)
class Office:
    """Each part may be killed and launched again. `invoicing` are the instances of invoice-svc."""

    identity: Identity
    customers: Part
    invoicing: tuple[Part, ...]
    mail: Part

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.customers, *self.invoicing, self.mail)

    def partner(self, producer: AIOKafkaProducer) -> Partner:
        """A new one."""
        id = f"partner-{uuid.uuid4()}"
        at = Addresses(self.customers.url, tuple(part.url for part in self.invoicing), self.mail.url)
        return Partner(id, self.identity.token(id), at, producer)


@contextmanager
def an_office(stack: Stack, home: Path, *, instances: int = 1, **more: str) -> Iterator[Office]:
    """Launched; `more` are settings of invoice-svc. All have ended after it, so that others may join the groups."""
    prefix = f"t{uuid.uuid4().hex[:8]}_"
    mail, to_mail = a_mail_sink(home)
    invoicing = tuple(a_service("invoice-svc", stack, prefix, home, **to_mail, **more) for _ in range(instances))
    office = Office(identity_in(home), a_service("customer-svc", stack, prefix, home), invoicing, mail)
    try:
        for part in office.parts:
            part.launch()
        yield office
    finally:
        for part in office.parts:
            part.ask_to_end()
        for part in office.parts:
            part.await_end()
