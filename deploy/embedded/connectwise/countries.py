"""Countries as references of a company: ids of the tenant's own, a name and an identifier; one that ISO withdrew."""

from typing import Any, Final

_COUNTRIES: Final = (
    (1, "United States", "US"), (2, "Australia", "AU"), (3, "Austria", "AT"), (4, "Belgium", "BE"),
    (5, "Canada", "CA"), (6, "Czech Republic", "CZ"), (7, "Denmark", "DK"), (8, "Finland", "FI"),
    (9, "France", "FR"), (10, "Germany", "DE"), (11, "Greece", "GR"), (12, "Ireland", "IE"),
    (13, "Italy", "IT"), (14, "Japan", "JP"), (15, "Netherlands", "NL"), (16, "Netherlands Antilles", "AN"),
    (17, "New Zealand", "NZ"), (18, "Norway", "NO"), (19, "Poland", "PL"), (20, "Portugal", "PT"),
    (21, "Spain", "ES"), (22, "Sweden", "SE"), (23, "Switzerland", "CH"), (24, "United Kingdom", "GB"),
)  # fmt: skip

COUNTRIES: Final[dict[int, dict[str, Any]]] = {
    number: {"id": number, "name": name, "identifier": code} for number, name, code in _COUNTRIES
}
ID_OF: Final = {code: number for number, _, code in _COUNTRIES}
