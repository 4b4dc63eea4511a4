"""The `Countries` entity: ids of the tenant's own, which clients have to look up. One has a code that ISO withdrew."""

from typing import Any, Final

_COUNTRIES: Final = (
    (13, "Australia", "AU"), (14, "Austria", "AT"), (21, "Belgium", "BE"), (38, "Canada", "CA"),
    (57, "Czechia", "CZ"), (58, "Denmark", "DK"), (72, "Finland", "FI"), (73, "France", "FR"),
    (80, "Germany", "DE"), (83, "Greece", "GR"), (103, "Ireland", "IE"), (105, "Italy", "IT"),
    (107, "Japan", "JP"), (149, "Netherlands", "NL"), (150, "Netherlands Antilles", "AN"), (152, "New Zealand", "NZ"),
    (160, "Norway", "NO"), (171, "Poland", "PL"), (172, "Portugal", "PT"), (203, "Spain", "ES"),
    (209, "Sweden", "SE"), (210, "Switzerland", "CH"), (235, "United Kingdom", "GB"), (237, "United States", "US"),
)  # fmt: skip

COUNTRIES: Final[dict[int, dict[str, Any]]] = {
    number: {
        "id": number,
        "name": name,
        "displayName": name,
        "countryCode": code,
        "isActive": code != "AN",
        "isDefaultCountry": code == "US",
    }
    for number, name, code in _COUNTRIES
}
ID_OF: Final = {code: number for number, _, code in _COUNTRIES}
