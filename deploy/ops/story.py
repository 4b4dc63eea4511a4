"""The sample partner's story, over HTTP only: what a reseller does on its first day, with invented data.

Every step has a key of its own, so that a story that was cut short is taken up without doubling anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from embedded.autotask.credentials import INTEGRATION_CODE, SECRET, USERNAME
from ops.caller import Caller, Json, StoryFailed, until
from ops.screen import Screen

SETTINGS: Final = {
    "payment_terms": {"kind": "net", "days": 30},
    "time_zone": "Europe/Amsterdam",
    "currency": "EUR",
    "number_prefix": "NW-",
    "sender": {"name": "Northwind Managed IT", "address": "billing@northwind.example"},
}
BY_HAND: Final = {
    "company_name": "Brightwater Dental Practice",
    "contact_number": "020 794 6120",
    "company_address": {"line1": "Prinsengracht 263", "city": "Amsterdam", "postal_code": "1016 GV", "country": "NL"},
    "email": "accounts@brightwater.example",
    "payment_terms": {"kind": "net", "days": 14},
}
PSA: Final = {
    "provider": "autotask",
    "name": "Northwind's Autotask",
    "credentials": {"username": USERNAME, "secret": SECRET, "integration_code": INTEGRATION_CODE},
}
SEARCHED: Final = "gouden"
"""For an account of the simulator; no account of a PSA's has an e-mail address."""
LATE_EMAIL: Final = "invoices@goudenpan.example"
_LINES: Final = (
    {"description": "Managed workplace, per seat", "quantity": "12", "unit_price": "39.50", "tax_rate": "0.21"},
    {"description": "Backup, 500 GB", "quantity": "1", "unit_price": "75.00", "tax_rate": "0.21"},
)


@dataclass(frozen=True)
class Addresses:
    """Where the story takes place."""

    customers: str
    invoices: str
    psa: str
    autotask: str
    mail: str

    @classmethod
    def of(cls, endpoints: Mapping[str, Any]) -> "Addresses":
        return cls(
            customers=f"{endpoints['customer_svc']}/v1/customers",
            invoices=f"{endpoints['invoice_svc']}/v1",
            psa=f"{endpoints['psa_sync_svc']}/v1",
            autotask=endpoints["simulators"]["autotask"],
            mail=endpoints["mail"],
        )


async def play(endpoints: Mapping[str, Any], screen: Screen) -> None:
    """From the partner's settings to the released invoice in the mailbox. Raises `StoryFailed`."""
    at = Addresses.of(endpoints)
    async with Caller(endpoints["token"]) as caller:
        story = _Story(caller, at, screen)
        await story.configure()
        by_hand = await story.create_by_hand()
        late = await story.import_one(await story.connect())
        sent = await story.invoice(by_hand, "sent", "sample-invoice-by-hand")
        held = await story.invoice(late, "held", "sample-invoice-late")
        await story.release(late, held)
        await story.show_mail((sent, held))


@dataclass(frozen=True)
class _Story:
    caller: Caller
    at: Addresses
    screen: Screen

    def _told(self, what: str, detail: str) -> None:
        self.screen.tell(f"  {what:<10}{detail}")

    async def configure(self) -> None:
        self.screen.hint("the sample partner chooses its settings")
        await self.caller.put(f"{self.at.invoices}/settings", SETTINGS)
        self._told("settings", "net 30 unless a customer has terms of its own, numbers NW-…, Amsterdam time")

    async def create_by_hand(self) -> Json:
        self.screen.hint("a customer is created by hand")
        customer = await self.caller.post(self.at.customers, BY_HAND, key="sample-customer-by-hand")
        self._told("created", f"{customer['company_name']}, {customer['contact_number']}, net 14, by hand")
        return customer

    async def connect(self) -> str:
        self.screen.hint("the sample partner connects its PSA")
        made = await self.caller.post(
            f"{self.at.psa}/integrations", PSA | {"base_url": self.at.autotask}, key="sample-integration"
        )
        at = f"{self.at.psa}/integrations/{made['integration_id']}"
        found = (await self.caller.get(f"{at}/accounts", limit="200"))["items"]
        self._told("connected", f"{made['name']} (simulated), {len(found)} accounts to choose from")
        return at

    async def import_one(self, integration: str) -> Json:
        """Chosen by a search, looked at as the form would be filled in, and imported."""
        self.screen.hint("an account is imported")
        [found] = (await self.caller.get(f"{integration}/accounts", search=SEARCHED))["items"]
        details = await self.caller.get(f"{integration}/accounts/{found['account_id']}")
        address = details["company_address"]
        where = ", ".join(filter(None, (address["line1"], address["city"], details["contact_number"])))
        self._told("filled in", f"{details['company_name']}, {where}, no e-mail address in the PSA")
        body = {"integration_id": integration.rpartition("/")[2], "account_id": found["account_id"]}
        asked = await self.caller.post(f"{self.at.psa}/imports", body, key="sample-import")
        done = await until(
            "the import",
            lambda: self.caller.get(f"{self.at.psa}/imports/{asked['request_id']}"),
            lambda import_: import_["customer_id"] or import_["code"],
        )
        if done["code"]:
            raise StoryFailed(f"the import was refused: {done['code']} {done['detail']}")
        customer = dict(await self.caller.get(f"{self.at.customers}/{done['customer_id']}"))
        self._told("imported", f"{customer['company_name']}, without e-mail: announced with EmailMissing")
        return customer

    async def invoice(self, customer: Json, hoped: str, key: str) -> Json:
        self.screen.hint(f"an invoice for {customer['company_name']}")
        body = {"customer_id": customer["customer_id"], "currency": "EUR", "lines": _LINES, "send": True}
        made = await self.caller.post(f"{self.at.invoices}/invoices", body, key=key)
        invoice = await self._delivery(made["invoice_id"], {hoped, "sent"})
        reasons = ", ".join(invoice["delivery"]["reasons"])
        told = (
            f"{invoice['number']} over {invoice['total']} EUR for {customer['company_name']}, due {invoice['due_date']}"
        )
        state = invoice["delivery"]["state"]
        self._told("mailed" if state == "sent" else state, f"{told}{f' ({reasons})' if reasons else ''}")
        return invoice

    async def _delivery(self, invoice_id: str, states: set[str]) -> Json:
        found = await until(
            f"the delivery state {' or '.join(sorted(states))}",
            lambda: self.caller.get(f"{self.at.invoices}/invoices/{invoice_id}"),
            lambda invoice: invoice["delivery"]["state"] in states,
        )
        return dict(found)

    async def release(self, customer: Json, invoice: Json) -> None:
        self.screen.hint("the missing e-mail address is set")
        await self.caller.patch(f"{self.at.customers}/{customer['customer_id']}", {"email": LATE_EMAIL})
        self._told("e-mail", f"{customer['company_name']} gets {LATE_EMAIL}")
        sent = await self._delivery(invoice["invoice_id"], {"sent"})
        self._told("released", f"{sent['number']} by itself, and mailed to {', '.join(sent['delivery']['to'])}")

    async def show_mail(self, invoices: tuple[Json, ...]) -> None:
        if not self.at.mail:
            return
        mails = await self.caller.get(f"{self.at.mail}/messages")
        self._told("mailbox", f"{len(mails)} mails for {len(invoices)} invoices, each with its PDF:")
        for mail in mails:
            names = ", ".join(part["filename"] for part in mail["attachments"])
            self._told("", f"{mail['subject']} to {', '.join(mail['to'])} ({names})")
