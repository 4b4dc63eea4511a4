"""How much is measured."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.running import Running, running


@dataclass(frozen=True)
class Plan:
    """`rounds` are alternating rounds; `commands` how many of them, writes or events, make one round.

    Each part has a system of its own, under `home`, unless a broker and a store are `given`.
    """

    home: Path
    given: Mapping[str, str] = field(default_factory=dict)
    customers: int = 5_000
    large: int = 50_000
    invoices: int = 20_000
    commands: int = 8_000
    rounds: int = 7
    trips: int = 500
    pauses: int = 30
    releases: int = 200
    accounts: int = 20_000
    looks: int = 100

    def running(
        self, name: str, *services: str, accounts: int = 0, instances: int = 1
    ) -> AbstractAsyncContextManager[Running]:
        return running(self.home / name, *services, given=self.given, accounts=accounts, instances=instances)
