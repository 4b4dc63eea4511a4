"""The providers, one row each: what the suite needs to know of them and of their simulators."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from embedded.autotask.credentials import INTEGRATION_CODE, SECRET, USERNAME
from embedded.connectwise.credentials import CLIENT_ID, COMPANY, PRIVATE_KEY, PUBLIC_KEY
from embedded.halopsa import credentials as halopsa
from psa_sync_svc.adapters.autotask.clients import AutotaskClients
from psa_sync_svc.adapters.autotask.settings import AutotaskSettings
from psa_sync_svc.adapters.connectwise.clients import ConnectwiseClients
from psa_sync_svc.adapters.connectwise.settings import ConnectwiseSettings
from psa_sync_svc.adapters.halopsa.clients import HalopsaClients
from psa_sync_svc.adapters.halopsa.settings import HalopsaSettings
from psa_sync_svc.adapters.psas import Clients
from psa_sync_svc.domain.holding import FieldLimits

from .rates import rates

PARTNER = "harbour-it"
"""Whose integrations they are, where the service is there too."""


@dataclass(frozen=True)
class Provider:
    """`endpoint`: where the simulator counts calls for accounts. `known`: its first sample. `accounts`: as many as
    make three pages. `names`: what the fields that the suite edits are called there. `new`: what makes a record,
    `inactive` makes it inactive, `antilles` puts it into a country that ISO withdrew, `flags` say that it is deleted
    while it is still there. `secrets`: the credentials that no text may hold. `changes`: the verbs and endpoints by
    which fields are changed, that of the name first. `naming`: the endpoint whose answer names an address that is
    called next. `unique`: a field of which no two records have the same. `longer`: what the simulator holds beyond the
    provider's limits. `limits`: the simulator's own, so that they are in the way of no test. `no_country`: one that it
    is known not to have before anything is sent. `sent_after_401`: how often a change is made that is refused so.
    `calls_for_each`: for an account that is found. `more_ids`: names of a record's ids beside its own."""

    name: str
    clients: Callable[[Mapping[str, Any]], Clients]
    credentials: Mapping[str, str]
    secrets: tuple[str, ...]
    endpoint: str
    known: str
    missing: str
    accounts: int
    names: Mapping[str, str]
    new: Mapping[str, Any]
    inactive: Mapping[str, Any]
    antilles: Mapping[str, Any]
    changes: tuple[tuple[str, str], ...]
    naming: str
    flags: tuple[Mapping[str, Any], ...] = ()
    unique: str = ""
    longer: Mapping[str, int] = field(default_factory=dict)
    limits: Mapping[str, Any] | None = None
    no_country: str = "BQ"
    sent_after_401: int = 1
    calls_for_each: int = 0
    more_ids: tuple[str, ...] = ()

    def numbered(self, number: int) -> dict[str, Any]:
        """What is different in each of several new records."""
        return {self.unique: f"NEW{number}"} if self.unique else {}

    def really(self, limits: FieldLimits) -> FieldLimits:
        """What the simulator holds, where the provider's own limit is smaller to be on the safe side."""
        return replace(limits, longest={**limits.longest, **self.longer})

    def fields(self, **ours: Any) -> dict[str, Any]:
        return {self.names[name]: value for name, value in ours.items()}


AUTOTASK = Provider(
    name="autotask",
    clients=lambda settings: AutotaskClients(AutotaskSettings(**settings), rates()),
    credentials={"username": USERNAME, "secret": SECRET, "integration_code": INTEGRATION_CODE},
    secrets=("secret", "integration_code"),
    endpoint="Companies",
    known="29683600",
    missing="77",
    accounts=1_200,
    names={
        "name": "companyName",
        "phone": "phone",
        "line1": "address1",
        "line2": "address2",
        "city": "city",
        "region": "state",
        "reference": "companyNumber",
    },
    new={"companyName": "New", "companyType": 1, "ownerResourceID": 29682885, "phone": "1"},
    inactive={"isActive": False},
    antilles={"countryID": 150},
    changes=(("PATCH", "Companies"),),
    naming="Companies",
)
CONNECTWISE = Provider(
    name="connectwise",
    clients=lambda settings: ConnectwiseClients(ConnectwiseSettings(**settings), rates()),
    credentials={"company": COMPANY, "public_key": PUBLIC_KEY, "private_key": PRIVATE_KEY, "client_id": CLIENT_ID},
    secrets=("private_key",),
    endpoint="companies",
    known="19300",
    missing="77",
    accounts=2_100,
    names={
        "name": "name",
        "phone": "phoneNumber",
        "line1": "addressLine1",
        "line2": "addressLine2",
        "city": "city",
        "region": "state",
        "reference": "accountNumber",
    },
    new={"identifier": "NEW", "name": "New", "status": {"id": 1}, "city": "Utrecht"},
    inactive={"status": {"id": 2}},
    antilles={"country": {"id": 16}},
    changes=(("PATCH", "companies"),),
    naming="companies",
    flags=({"deletedFlag": True},),
    unique="identifier",
    longer={"reference": 100},
)
HALOPSA = Provider(
    name="halopsa",
    clients=lambda settings: HalopsaClients(
        HalopsaSettings(**{"requests_per_5_minutes": 1_000_000, **settings}), rates()
    ),
    credentials={
        "client_id": halopsa.CLIENT_ID,
        "client_secret": halopsa.CLIENT_SECRET,
        "tenant": halopsa.TENANT,
    },
    secrets=("client_secret",),
    endpoint="Client",
    known="41",
    missing="77000",
    accounts=250,
    names={
        "name": "name",
        "phone": "phonenumber",
        "line1": "line1",
        "line2": "line2",
        "city": "line3",
        "region": "line4",
        "reference": "ref",
    },
    new={"name": "New"},
    inactive={"inactive": True},
    antilles={"country_code": "AN"},
    changes=(("POST", "Client"), ("POST", "Site")),
    naming="authinfo",
    longer={"reference": 100},
    limits={"requests": 1_000_000},
    no_country="Kingdom of the Two Sicilies",
    sent_after_401=2,
    calls_for_each=1,
    more_ids=("main_site_id",),
)
PROVIDERS = (AUTOTASK, CONNECTWISE, HALOPSA)
