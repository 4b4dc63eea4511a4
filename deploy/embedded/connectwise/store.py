"""The tenant: its companies, and the codebase that it is on."""

from pathlib import Path

from embedded.connectwise.credentials import CODEBASES
from embedded.connectwise.samples import companies
from embedded.simulated.records import Records, Row

__all__ = ["Companies", "Row"]


class Companies(Records):
    """A new directory begins with the sample companies."""

    def __init__(self, folder: Path, *, accounts: int) -> None:
        super().__init__(folder / "connectwise.sqlite3", companies(accounts))

    @property
    def codebase(self) -> str:
        return self.setting("codebase") or CODEBASES[0]

    def upgrade_to(self, codebase: str) -> None:
        self.set("codebase", codebase)
