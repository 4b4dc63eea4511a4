"""The tenant: its companies, and the zone in which it lives."""

from pathlib import Path

from embedded.autotask.credentials import ZONES
from embedded.autotask.samples import companies
from embedded.simulated.records import Records, Row, Rows

__all__ = ["Companies", "Row", "Rows"]


class Companies(Records):
    """A new directory begins with the sample companies. The API cannot delete one; a person in the PSA can."""

    def __init__(self, folder: Path, *, accounts: int) -> None:
        super().__init__(folder / "autotask.sqlite3", companies(accounts))

    @property
    def zone(self) -> str:
        return self.setting("zone") or ZONES[0]

    def move_to(self, zone: str) -> None:
        self.set("zone", zone)
