"""A company as the API shows it: references with their names, what only the server writes under `_info`."""

from collections.abc import Mapping
from typing import Any

from embedded.connectwise.countries import COUNTRIES
from embedded.connectwise.fields import STATUSES
from embedded.connectwise.store import Row


def shown(row: Row, fields: frozenset[str] = frozenset()) -> dict[str, Any]:
    """`fields`: names of those that are wanted, none: all of them. What has no value may be absent, or null."""
    whole = {
        **{name: value for name, value in row.items() if name != "lastUpdated" and value is not None},
        "status": _named(STATUSES, row.get("status")),
        "country": _named(COUNTRIES, row.get("country")),
        "faxNumber": row.get("faxNumber"),
        "_info": {"lastUpdated": row["lastUpdated"], "updatedBy": "northwind"},
    }
    return {name: value for name, value in whole.items() if not fields or name in fields}


def _named(table: Mapping[int, Mapping[str, Any]], reference: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not reference:
        return None
    found = table.get(reference["id"], {})
    kept = {name: found[name] for name in ("name", "identifier") if name in found}
    return {"id": reference["id"], **kept, "_info": {}}
