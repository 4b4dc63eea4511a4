"""The sample partner's story, over HTTP only: what a reseller does on its first day, with invented data.

Every step has a key of its own, so that a story that was cut short is taken up without doubling anything.
"""

from collections.abc import Mapping
from typing import Any, Final

from ops.caller import Caller, Json, until
from ops.screen import Screen

BY_HAND: Final = {
    "company_name": "Brightwater Dental Practice",
    "contact_number": "020 794 6120",
    "company_address": {"line1": "Prinsengracht 263", "city": "Amsterdam", "postal_code": "1016 GV", "country": "NL"},
    "email": "accounts@brightwater.example",
    "payment_terms": {"kind": "net", "days": 14},
}
WITHOUT_EMAIL: Final = {"company_name": "Harbour Façade Works"}
LATE_EMAIL: Final = "invoices@harbour.example"


async def begin(endpoints: Mapping[str, Any], screen: Screen) -> None:
    """Customers by hand, one of them without e-mail until it is set. Raises `StoryFailed`."""
    customers = f"{endpoints['customer_svc']}/v1/customers"
    async with Caller(endpoints["token"]) as caller:
        screen.say("customers are created by hand")
        by_hand = await caller.post(customers, BY_HAND, key="sample-customer-by-hand")
        _tell(screen, "created", f"{by_hand['company_name']}, {by_hand['contact_number']}, net 14")
        late = await caller.post(customers, WITHOUT_EMAIL, key="sample-customer-without-email")
        _tell(screen, "created", f"{late['company_name']}, without e-mail: announced with EmailMissing")
        await caller.patch(f"{customers}/{late['customer_id']}", {"email": LATE_EMAIL})
        _tell(screen, "e-mail", f"{late['company_name']} gets {LATE_EMAIL}: announced with EmailConfigured")
        await _show_timeline(caller, f"{customers}/{late['customer_id']}/timeline", screen)


async def _show_timeline(caller: Caller, timeline: str, screen: Screen) -> None:
    """What its own events have told of the customer."""

    def told_of_email(page: Json) -> bool:
        return any(entry["event"] == "EmailConfigured" for entry in page["items"])

    page = await until("the customer's timeline", lambda: caller.get(timeline), told_of_email)
    for entry in page["items"]:
        _tell(screen, "timeline", f"{entry['event']}, version {entry['customer_version']}")


def _tell(screen: Screen, what: str, detail: str) -> None:
    screen.tell(f"  {what:<10}{detail}")
