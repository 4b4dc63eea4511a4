"""A partner, a customer and its invoice, as the tests of the rules begin with them."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from invoice_svc.domain.account import Account, Reason
from invoice_svc.domain.amounts import Item
from invoice_svc.domain.drafting import Order, create, give_number
from invoice_svc.domain.invoice import Invoice, Sending, Wishes
from invoice_svc.domain.settings import Settings

NOW = datetime(2026, 7, 15, 12, tzinfo=UTC)
SETTINGS = Settings("p")
ACCOUNT = Account("c", "p", 1, "active", "Riverside Dental", email="accounts@riverside.example")
WITHOUT = replace(ACCOUNT, email=None)


def an_order(*, price: str = "100", **wishes: Any) -> Order:
    item = Item("Internet", Decimal(1), Decimal(price), Decimal("0.1"))
    return Order("i", "p", "c", "AUD", [item], Wishes(**wishes))


def a_draft(account: Account | None = ACCOUNT, **wishes: Any) -> Invoice:
    return create(None, an_order(**wishes), account, SETTINGS, now=NOW).state


def an_invoice(*, state: Sending = Sending.NOT_REQUESTED, reasons: tuple[Reason, ...] = ()) -> Invoice:
    finalized = give_number(a_draft(finalize=True), "INV-00001", ACCOUNT).state
    return replace(finalized, delivery=replace(finalized.delivery, state=state, reasons=reasons))


def code(refused: Any) -> str:
    return str(refused.value.problems[0].code)
