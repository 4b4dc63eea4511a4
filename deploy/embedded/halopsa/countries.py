"""The names of countries beside their codes; one of them ISO has withdrawn."""

from typing import Final

NAMES: Final = {
    "AN": "Netherlands Antilles", "AT": "Austria", "AU": "Australia", "BE": "Belgium", "CA": "Canada",
    "CH": "Switzerland", "CZ": "Czechia", "DE": "Germany", "DK": "Denmark", "ES": "Spain", "FI": "Finland",
    "FR": "France", "GB": "United Kingdom", "GR": "Greece", "IE": "Ireland", "IT": "Italy", "JP": "Japan",
    "NL": "Netherlands", "NO": "Norway", "NZ": "New Zealand", "PL": "Poland", "PT": "Portugal", "SE": "Sweden",
    "US": "United States",
}  # fmt: skip
