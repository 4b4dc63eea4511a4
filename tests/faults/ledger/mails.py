"""No mail goes out twice, none is missing, and each goes to its customer."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.faults.ledger.customers import Lives
from tests.faults.ledger.finding import Finding
from tests.faults.ledger.said import Said


@dataclass(frozen=True)
class Mail:
    """One delivery to the mail sink."""

    message_id: str
    to: tuple[str, ...]


def check_mails(mails: Sequence[Mail], invoice_events: Sequence[Said], lives: Lives) -> Iterator[Finding]:
    copies = Counter(mail.message_id for mail in mails)
    for message_id, number in copies.items():
        if number > 1:
            yield Finding("no mail is sent twice", message_id, f"it came {number} times")
    sent = {str(one.body["message_id"]): one for one in invoice_events if one.type == "InvoiceSent"}
    for message_id in sent.keys() - copies.keys():
        yield Finding("what is sent was mailed", sent[message_id].subject, f"no mail {message_id}")
    for mail in mails:
        if (told := sent.get(mail.message_id)) is None:
            yield Finding("only what is sent was mailed", mail.message_id, "no invoice says that it was sent")
        elif not set(mail.to) <= {state["email"] for state in lives.states.get(told.state["customer_id"], [])}:
            yield Finding("a mail goes to its customer", mail.message_id, "it went to another address")
