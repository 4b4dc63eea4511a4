"""Countries as ISO 3166 alpha-2 codes, from the codes and names that people and PSAs write."""

import unicodedata
from functools import cache
from typing import Final

from shared.values.errors import InvalidValue

_NOT_ISO: Final = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})
"""Two letters in the CLDR that are parts of countries, groups, test locales or unknown. XK, Kosovo, is in use."""


def country_code(raw: str) -> str:
    """The alpha-2 code of a country given by alpha-2, alpha-3 or English name, in any case.

    Raises `InvalidValue` with COUNTRY_UNKNOWN.
    """
    found = _codes().get(_folded(raw))
    if found is None:
        raise InvalidValue("COUNTRY_UNKNOWN", "must be an ISO 3166 code of two letters, such as AU")
    return found


def _folded(raw: str) -> str:
    """Letters and single spaces only, without accents, so that spellings of one name meet."""
    plain = unicodedata.normalize("NFKD", raw.replace("&", " and ").replace("-", " ").casefold())
    return " ".join("".join(c for c in plain if c.isalpha() or c.isspace()).split()).removeprefix("the ")


@cache
def _codes() -> dict[str, str]:
    from babel import Locale  # noqa: PLC0415 - loads the CLDR only in the process that reads a country
    from babel.core import get_global  # noqa: PLC0415

    names = {str(code): str(name) for code, name in Locale("en").territories.items()}
    two = {code for code in names if len(code) == 2 and code.isalpha()} - _NOT_ISO
    aliases = {str(old): str(new[0]) for old, new in dict(get_global("territory_aliases")).items()}
    three = {old.casefold(): new for old, new in aliases.items() if len(old) == 3 and old.isalpha() and new in two}
    found = {_folded(names[code]): code for code in two} | three
    found |= {_folded(name): code for name, code in _OTHER_NAMES.items()}
    return found | {code.casefold(): code for code in two}


_OTHER_NAMES: Final = {
    "USA": "US",
    "United States of America": "US",
    "UK": "GB",
    "Great Britain": "GB",
    "England": "GB",
    "Scotland": "GB",
    "Wales": "GB",
    "Northern Ireland": "GB",
    "Czech Republic": "CZ",
    "Republic of Ireland": "IE",
    "Holland": "NL",
    "Turkey": "TR",
    "Hong Kong": "HK",
    "Macau": "MO",
    "Russian Federation": "RU",
    "Korea Republic of": "KR",
    "Viet Nam": "VN",
    "Ivory Coast": "CI",
    "Burma": "MM",
    "Swaziland": "SZ",
    "Macedonia": "MK",
}
