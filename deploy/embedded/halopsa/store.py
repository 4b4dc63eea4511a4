"""The tenant: its clients, each with its sites, which are found by their own ids as well."""

from collections.abc import Iterator
from pathlib import Path

from embedded.halopsa.samples import clients
from embedded.simulated.records import Records, Row

__all__ = ["Clients", "Row", "main_site"]


class Clients(Records):
    """A new directory begins with the sample companies."""

    def __init__(self, folder: Path, *, accounts: int) -> None:
        super().__init__(folder / "halopsa.sqlite3", clients(accounts))
        self._client_of = {site["id"]: row["id"] for row in self.after(-1) for site in row["sites"]}

    def site(self, number: int) -> Row | None:
        found = self.get(self._client_of.get(number, -1))
        return next((site for site in found["sites"] if site["id"] == number), None) if found else None

    def sites(self) -> Iterator[Row]:
        """In the order of their ids."""
        for number in sorted(self._client_of):
            site = self.site(number)
            if site is not None:
                yield site

    def next_site_id(self) -> int:
        """One above every id that ever was."""
        return 1 + max(max(self._client_of, default=0), int(self.setting("highest_site") or 0))

    def save(self, row: Row) -> None:
        super().save(row)
        self._client_of |= {site["id"]: row["id"] for site in row["sites"]}

    def save_site(self, site: Row) -> None:
        """With its client, which there is."""
        client = self.get(site["client_id"])
        if client is not None:
            others = [each for each in client["sites"] if each["id"] != site["id"]]
            self.save(client | {"sites": sorted([*others, site], key=lambda each: int(each["id"]))})

    def delete(self, number: int) -> None:
        """With its sites."""
        row = self.get(number)
        self.set("highest_site", str(self.next_site_id() - 1))
        super().delete(number)
        for site in row["sites"] if row else ():
            del self._client_of[site["id"]]


def main_site(client: Row) -> Row | None:
    return next((site for site in client["sites"] if site["id"] == client["main_site_id"]), None)
