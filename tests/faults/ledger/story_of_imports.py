"""A small history of imports in which every promise was kept: two of one account, and one of no account."""

import json
from typing import Any, Final

from tests.faults.ledger.asked import Asked
from tests.faults.ledger.imports import Imports
from tests.faults.ledger.said import Said
from tests.faults.ledger.story_of_one import a_customer, an_event

IMPORTED: Final = "c2"
LINK: Final = {"integration_id": "n1", "account_id": "7"}
ADDRESS: Final = {
    **{"line1": "Oude Singel 7", "line2": None, "city": "Leiden"},
    **{"region": None, "postal_code": "2312 AB", "country": "NL"},
}
ADDRESS_THERE: Final = ADDRESS | {"line2": "", "region": " ", "country": "Netherlands"}
"""The same as the PSA writes it."""
_ENDS: Final = ("created", "existing")


def the_imported(version: int = 1, **fields: Any) -> dict[str, Any]:
    link = {**LINK, "provider": "autotask", "reference": fields.pop("reference", "N-7"), "link_version": 1}
    fresh = {"customer_id": IMPORTED, "company_name": "at 7", "contact_number": "+31207946007"}
    return a_customer(version, **{**fresh, "company_address": ADDRESS, "integration": link, **fields})


def an_import_answered(offset: int, request_id: str, id: str) -> Said:
    account: dict[str, Any] = {"account_id": "7", "company_name": "at 7", "contact_number": "+31 20 794 6007"}
    account |= {"company_address": ADDRESS_THERE, "reference": "N-7"}
    told = {"request_id": request_id, "integration_id": "n1", "account": account, "email": None, "payment_terms": None}
    return Said("psa", 0, offset, "n1/7", id, "ImportAnswered", request_id, request_id, json.dumps(told).encode())


def an_account_changed(offset: int, id: str, *, link_version: int = 1, **changes: tuple[Any, Any]) -> Said:
    """`changes`: from and to."""
    told: dict[str, Any] = {"customer_id": IMPORTED, "link_version": link_version}
    told["changes"] = {name: {"from": was, "to": to} for name, (was, to) in changes.items()}
    told["account"] = {name: to for name, (_, to) in changes.items()}
    return Said("psa", 0, offset, IMPORTED, id, "AccountChanged", IMPORTED, "poll", json.dumps(told).encode())


def a_push(offset: int, version: int, **fields: Any) -> Said:
    told = {"customer_id": IMPORTED, "customer_version": version, "fields": fields}
    return Said(
        "psa", 0, offset, IMPORTED, f"push-{offset}", "FieldsPushed", IMPORTED, "sync", json.dumps(told).encode()
    )


def a_conflict(offset: int, name: str, field: str = "company_name") -> Said:
    told = {"conflict_id": "conflict-1", "customer_id": IMPORTED, "field": field}
    value = json.dumps(told).encode()
    return Said("psa", 0, offset, IMPORTED, f"conflict-1-{name}", name, "conflict-1", "poll", value)


def an_import_refused(offset: int, request_id: str, code: str) -> Said:
    told = json.dumps({"request_id": request_id, "code": code}).encode()
    return Said("answers", 0, offset, request_id, f"{request_id}-no", "ImportRefused", request_id, request_id, told)


def an_import_done(offset: int, request_id: str, cause: str, *, created: bool) -> Said:
    return an_event(offset, "CustomerImported", cause, the_imported(), request_id=request_id, created=created)


def asked_imports() -> list[Asked]:
    wanted = {**LINK, "ends": _ENDS}
    return [
        Asked("import", "ImportCustomer", "kafka", "", wanted),
        Asked("again", "ImportCustomer", "http", "", wanted, status=202),
        Asked("nobody", "ImportCustomer", "kafka", "", {**LINK, "account_id": "8", "ends": ("NOT_FOUND",)}),
    ]


def their_customer() -> list[Said]:
    return [
        an_event(20, "CustomerCreated", "told-1", the_imported(), source="import"),
        an_event(21, "CustomerLinked", "told-1", the_imported()),
        an_event(22, "EmailMissing", "told-1", the_imported()),
        an_import_done(23, "import", "told-1", created=True),
        an_import_done(24, "again", "told-2", created=False),
    ]


def their_answers() -> list[Said]:
    """The first one was said again."""
    return [
        an_import_answered(0, "import", "told-1"),
        an_import_answered(1, "again", "told-2"),
        an_import_answered(2, "import", "told-1"),
    ]


def as_they_are_shown() -> Imports:
    done: dict[str, Any] = {"status": "imported", "customer_id": IMPORTED, "code": None}
    refused: dict[str, Any] = {"status": "refused", "customer_id": None, "created": None, "code": "NOT_FOUND"}
    shown = {"import": {**done, "created": True}, "again": {**done, "created": False}, "nobody": refused}
    there = {"company_name": "at 7", "contact_number": "+31 20 794 6007", "company_address": ADDRESS_THERE}
    return Imports(shown, accounts={("n1", "7"): there | {"reference": "N-7"}})
