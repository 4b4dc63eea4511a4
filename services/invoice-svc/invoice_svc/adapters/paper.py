"""What stands on the paper invoice, as plain strings: the template lays them out and can compute nothing with them."""

from collections import defaultdict
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from babel import Locale

from invoice_svc.adapters import wording
from invoice_svc.workers.mailer import Seller
from shared.contracts.invoice_shapes import CustomerSnapshot, Invoice, InvoiceLine
from shared.contracts.shapes import Address

_TITLES = {"voided": "Invoice (void)", "draft": "Draft invoice", "finalizing": "Draft invoice"}


def paper(invoice: Invoice, seller: Seller) -> dict[str, Any]:
    """The template's data. The same invoice gives the same data: nothing is read from a clock."""
    return {
        "title": _TITLES.get(invoice.document, "Invoice"),
        "number": invoice.number or "",
        "issued": wording.day(invoice.issue_date),
        "due": wording.day(invoice.due_date) if invoice.due_date else "",
        "terms": wording.terms(invoice.payment_terms),
        "seller": [seller.name, seller.address],
        "customer": _customer(invoice.customer),
        "lines": [_line(line, invoice.currency) for line in invoice.lines],
        "rates": _rates(invoice),
        "subtotal": wording.money(invoice.subtotal, invoice.currency),
        "tax": wording.money(invoice.tax, invoice.currency),
        "total": wording.money(invoice.total, invoice.currency),
        "paid": wording.money(invoice.payment.paid, invoice.currency) if invoice.payment.paid else "",
        "balance": wording.money(invoice.total - invoice.payment.paid, invoice.currency),
    }


def made_at(invoice: Invoice) -> int:
    """The PDF's creation time, in seconds since 1970: the issue date, so that making it again makes the same bytes."""
    return int(datetime.combine(invoice.issue_date, time(), tzinfo=UTC).timestamp())


def _customer(snapshot: CustomerSnapshot | None) -> list[str]:
    if snapshot is None:
        return []
    return [snapshot.company_name, *_address(snapshot.company_address)]


def _address(address: Address | None) -> list[str]:
    if address is None:
        return []
    place = " ".join(part for part in (address.city, address.region, address.postal_code) if part)
    country = Locale("en").territories.get(address.country or "", address.country)
    return [line for line in (address.line1, address.line2, place, country) if line]


def _line(line: InvoiceLine, currency: str) -> list[str]:
    return [
        line.description,
        wording.quantity(line.quantity),
        wording.unit_price(line.unit_price, currency),
        wording.rate(line.tax_rate),
        wording.money(line.tax, currency),
        wording.money(line.net, currency),
    ]


def _rates(invoice: Invoice) -> list[list[str]]:
    """Per tax rate: the rate, the net it is on, the tax."""
    sums: dict[Decimal, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for line in invoice.lines:
        sums[line.tax_rate][0] += line.net
        sums[line.tax_rate][1] += line.tax
    currency = invoice.currency
    return [
        [wording.rate(rate), wording.money(net, currency), wording.money(tax, currency)]
        for rate, (net, tax) in sorted(sums.items())
    ]
