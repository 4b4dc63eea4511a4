"""The workers over a store in memory and a mail system that can be told how to answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest

from invoice_svc.aggregates import ACCOUNT
from invoice_svc.domain.account import Account
from invoice_svc.domain.invoice import Document, Sending
from invoice_svc.settings import InvoiceSettings
from invoice_svc.workers.deliver import Delivery
from invoice_svc.workers.envelope import work_meta
from invoice_svc.workers.held import HeldSweep
from invoice_svc.workers.mailer import (
    Accepted,
    Letter,
    MailLogAway,
    NotMarked,
    Outcome,
    PermanentFailure,
    Seller,
    TransientFailure,
    Unknown,
)
from invoice_svc.workers.table import workers
from shared.contracts import invoices
from shared.engine.change import Change, Reads
from shared.engine.decision import Decision
from shared.engine.errors import Unavailable

EMAIL = "accounts@riverside.example"


class Died(BaseException):
    """The process ends here: nothing after it runs."""


@dataclass
class MailSystem:
    """Takes what it is handed. `answers` come instead of taking, one each; `before_mark` happens while it talks."""

    taken_mails: list[Letter] = field(default_factory=list)
    answers: list[Outcome | type[Died] | str] = field(default_factory=list)
    before_mark: Callable[[], Awaitable[None]] | None = None
    can_be_asked: bool = True
    log_away: int = 0

    async def deliver(self, letter: Letter, *, mark: Callable[[], Awaitable[bool]]) -> Outcome:
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, TransientFailure | PermanentFailure) and answer.code != "MAIL_REFUSED":
            return answer
        if self.before_mark is not None:
            happen, self.before_mark = self.before_mark, None
            await happen()
        if not await mark():
            return NotMarked()
        if answer == "died before the last line":
            raise Died
        if answer is None or not isinstance(answer, TransientFailure | PermanentFailure):
            self.taken_mails.append(letter)
        if answer == "died after the last line":
            raise Died
        return answer if isinstance(answer, Outcome) else Accepted((*letter.to, *letter.cc))

    async def taken(self, message_id: str) -> bool | None:
        if self.log_away:
            self.log_away -= 1
            raise MailLogAway("away")
        if not self.can_be_asked:
            return None
        return any(letter.message_id == message_id for letter in self.taken_mails)


@dataclass
class Office:
    """The service with its workers, and a clock that the open work believes."""

    service: Any
    mail: MailSystem
    clock: Any

    def __post_init__(self) -> None:
        seller = Seller("Harbour IT", "billing@harbour.example")
        delivery = Delivery(self.service.engine, self.mail, self.mail, seller=seller, lease_s=30.0)
        settings = InvoiceSettings()
        self.workers = {w.job: w for w in workers(self.service.engine, delivery, settings, lease_s=30.0)}
        self.held = HeldSweep(self.service.engine)

    async def work(self, *jobs: str) -> None:
        for job in jobs or self.workers:
            await self.workers[job].drain()

    async def sent(self, customer: Any, **fields: Any) -> Any:
        """An invoice of a customer who has an address, asked to be sent."""
        await self.service.hear(customer.told(email=EMAIL, **fields))
        order = customer.billed(send=True)
        await self.service.command(order)
        return order


@pytest.fixture
def office(service: Any, clock: Any) -> Office:
    return Office(service, MailSystem(), clock)


async def test_a_queued_invoice_is_mailed_once(office: Office, customer: Any) -> None:
    order = await office.sent(customer, cc=["boss@riverside.example", EMAIL])

    await office.work("deliver")

    (letter,) = office.mail.taken_mails
    assert (letter.to, letter.cc) == ((EMAIL,), ("boss@riverside.example",))
    assert letter.subject == "Invoice INV-00001 from Harbour IT"
    name, data = office.service.said()[-1]
    assert (name, data["to"], data["message_id"]) == ("InvoiceSent", [EMAIL], letter.message_id)
    assert letter.message_id == f"<{order.invoice_id}.1@mail.rebilling.example>"
    invoice = await office.service.invoice(order.invoice_id)
    assert (invoice.delivery.state, invoice.delivery.attempts) == (Sending.SENT, 1)
    assert await office.service.open_work() == {"overdue": 1}


async def test_held_invoices_are_released_and_mailed_when_the_address_comes(office: Office, customer: Any) -> None:
    await office.service.hear(customer.told())
    orders = [customer.billed(send=True) for _ in range(3)]
    for order in orders:
        await office.service.command(order)

    await office.service.hear(customer.told(2, email=EMAIL))
    await office.work("release", "deliver")

    assert office.service.names().count("InvoiceReleased") == 3
    assert len(office.mail.taken_mails) == 3
    assert await office.service.open_work() == {"overdue": 3}


async def test_a_release_goes_straight_from_the_accounts_save_to_its_worker(office: Office, customer: Any) -> None:
    await office.service.hear(customer.told())
    order = customer.billed(send=True)
    await office.service.command(order)
    office.workers["release"].serve()

    await office.service.hear(customer.told(2, email=EMAIL))
    [entry] = await office.service.store.find("open_work", {"job": "release"})
    assert entry["lease_until"] > entry["due_at"], "nobody else looks for what is begun already"
    await office.work("release")

    assert office.service.names()[-1] == "InvoiceReleased"
    assert await office.service.open_work() == {"deliver": 1, "overdue": 1}


async def test_what_was_held_while_its_account_was_saved_again_is_released_too(
    office: Office, customer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The work came straight from the save of version 2, and what is held was looked for at once; then version 3 holds
    an invoice, and version 4 asks for a release that is asked for already."""
    service, reading = office.service, office.service.store.get
    order = customer.billed(send=True)

    async def meanwhile(collection: str, id: str) -> Any:
        if collection == "accounts":
            monkeypatch.setattr(service.store, "get", reading)
            await asyncio.sleep(0)
            await service.hear(customer.told(3))
            await service.command(order)
            await service.hear(customer.told(4, email=EMAIL))
        return await reading(collection, id)

    await service.hear(customer.told())
    office.workers["release"].serve()
    monkeypatch.setattr(service.store, "get", meanwhile)

    await service.hear(customer.told(2, email=EMAIL))
    await office.work("release")

    assert (await service.invoice(order.invoice_id)).delivery.state is Sending.QUEUED


async def test_more_holds_than_a_page_are_all_released(
    office: Office, customer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invoice_svc.workers.release.PAGE", 2)
    await office.service.hear(customer.told())
    for _ in range(5):
        await office.service.command(customer.billed(send=True))

    await office.service.hear(customer.told(2, email=EMAIL))
    await office.work("release")

    assert office.service.names().count("InvoiceReleased") == 5


async def test_an_invoice_before_its_customer_goes_out_when_it_comes(office: Office, customer: Any) -> None:
    order = customer.billed(send=True)
    await office.service.command(order)

    await office.service.hear(customer.told(email=EMAIL, payment_terms={"kind": "net", "days": 7}))
    await office.work()

    names = ["InvoiceCreated", "InvoiceSendBlocked", "InvoiceFinalized", "InvoiceReleased", "InvoiceSent"]
    assert office.service.names() == names
    invoice = await office.service.invoice(order.invoice_id)
    assert invoice.due_date == invoice.issue_date + timedelta(days=7)


async def test_a_draft_that_waited_says_that_its_terms_are_fixed(office: Office, customer: Any) -> None:
    order = customer.billed(issue_date="2026-07-15")
    await office.service.command(order)

    await office.service.hear(customer.told())
    await office.work()

    assert office.service.names() == ["InvoiceCreated", "InvoiceTermsFixed"]
    invoice = await office.service.invoice(order.invoice_id)
    assert (invoice.terms_source, invoice.due_date) == ("partner", date(2026, 8, 14))


async def test_a_wait_for_another_partners_customer_ends_in_a_refusal(office: Office, customer: Any) -> None:
    order = customer.billed(send=True)
    await office.service.command(order)
    await office.service.hear(type(customer)(customer.customer_id, "other").told(email=EMAIL))

    office.clock.pass_(seconds=5)
    await office.work()

    invoice = await office.service.invoice(order.invoice_id)
    assert (invoice.document, office.mail.taken_mails) == (Document.DISCARDED, [])


async def test_a_version_that_was_waited_for_calls_the_release_whatever_it_changes(
    office: Office, customer: Any
) -> None:
    await office.service.hear(customer.told(email=EMAIL))
    orders = [customer.billed(send=True, customer_version=version) for version in (4, 2)]
    for order in orders:
        await office.service.command(order)

    await office.service.hear(customer.told(2, email="second@riverside.example"))
    await office.work("release", "deliver")
    await office.service.hear(customer.told(3, email="third@riverside.example"))
    assert "release" not in await office.service.open_work()
    await office.service.hear(customer.told(4, email="fourth@riverside.example"))
    await office.work("release", "deliver")

    assert [letter.to for letter in office.mail.taken_mails] == [
        ("second@riverside.example",),
        ("fourth@riverside.example",),
    ]


async def test_a_version_waited_for_before_the_customer_is_known_calls_the_release_too(
    office: Office, customer: Any
) -> None:
    await office.service.command(customer.billed(send=True, customer_version=2))
    await office.service.hear(customer.told(email=EMAIL))
    await office.work("release", "deliver")
    assert office.mail.taken_mails == []

    await office.service.hear(customer.told(2, email=EMAIL, company_name="Another"))
    await office.work("release", "deliver")

    assert len(office.mail.taken_mails) == 1


async def test_a_version_that_nobody_left_word_for_is_noticed_by_time(office: Office, customer: Any) -> None:
    """Whoever saved the wait died before it could."""
    await office.service.hear(customer.told(email=EMAIL))
    order = customer.billed(send=True, customer_version=2)
    await office.service.command(order)
    await _forget_what_is_awaited(office, customer.customer_id)
    await office.service.hear(customer.told(2, email="new@riverside.example"))
    assert "release" not in await office.service.open_work()

    office.clock.pass_(seconds=5)
    await office.work("waiting", "deliver")

    assert [letter.to for letter in office.mail.taken_mails] == [("new@riverside.example",)]


async def _forget_what_is_awaited(office: Office, customer_id: str) -> None:
    def decide(known: Account | None, _: Reads) -> Decision[Account, object]:
        assert known is not None
        return Decision(replace(known, awaited_version=None))

    change: Change[Account, object] = Change(ACCOUNT, customer_id, decide, once=False)
    await office.service.engine.execute([change], work_meta("harbour-it", "test"))


@pytest.mark.parametrize("known", [True, False])
async def test_a_version_that_comes_late_is_noticed_within_seconds(office: Office, customer: Any, known: bool) -> None:
    if known:
        await office.service.hear(customer.told(1, email=EMAIL))
    order = customer.billed(send=True, customer_version=3)
    await office.service.command(order)
    for _ in range(12):
        office.clock.pass_(minutes=6)
        await office.work("waiting")
    await office.service.hear(customer.told(2, email=EMAIL))
    await office.work("release")
    await office.service.hear(customer.told(3, email=EMAIL))

    office.clock.pass_(seconds=6)
    await office.work("waiting", "deliver")

    assert (await office.service.invoice(order.invoice_id)).delivery.state is Sending.SENT


async def test_a_transient_answer_is_tried_again_after_a_pause(office: Office, customer: Any) -> None:
    office.mail.answers = [TransientFailure("EMAIL_REJECTED", "451"), TransientFailure("MAIL_REFUSED", "451")]
    order = await office.sent(customer)

    await office.work("deliver")
    assert (await office.service.invoice(order.invoice_id)).delivery.state is Sending.QUEUED
    office.clock.pass_(seconds=6)
    await office.work("deliver")
    office.clock.pass_(seconds=21)
    await office.work("deliver")

    failed = [data["permanent"] for name, data in office.service.said() if name == "InvoiceDeliveryFailed"]
    assert failed == [False, False]
    assert office.service.names()[-1] == "InvoiceSent"
    assert (await office.service.invoice(order.invoice_id)).delivery.attempts == 3


async def test_a_permanent_answer_is_not_repeated(office: Office, customer: Any) -> None:
    office.mail.answers = [PermanentFailure("EMAIL_REJECTED", "550 5.1.1")]
    order = await office.sent(customer)

    await office.work("deliver")
    office.clock.pass_(hours=2)
    await office.work("deliver")

    name, data = office.service.said()[-1]
    assert (name, data["permanent"], office.mail.taken_mails) == ("InvoiceDeliveryFailed", True, [])
    assert (await office.service.invoice(order.invoice_id)).delivery.state is Sending.FAILED


async def test_a_mail_server_that_is_away_says_nothing_of_the_invoice(office: Office, customer: Any) -> None:
    office.mail.answers = [TransientFailure("UNREACHABLE", "away")] * 3
    await office.sent(customer)

    for _ in range(4):
        await office.work("deliver")
        office.clock.pass_(seconds=31)

    assert "InvoiceDeliveryFailed" not in office.service.names()
    assert len(office.mail.taken_mails) == 1


async def test_an_address_that_changes_while_the_mail_is_prepared_gets_it(office: Office, customer: Any) -> None:
    await office.sent(customer)
    changed = customer.told(2, email="new@riverside.example")
    office.mail.before_mark = lambda: office.service.hear(changed)

    await office.work("deliver")

    assert [letter.to for letter in office.mail.taken_mails] == [("new@riverside.example",)]


async def test_an_address_that_vanishes_while_the_mail_is_prepared_holds_it_again(
    office: Office, customer: Any
) -> None:
    await office.sent(customer)
    office.mail.before_mark = lambda: office.service.hear(customer.told(2))

    await office.work("deliver")

    assert office.mail.taken_mails == []
    assert office.service.said()[-1][1]["reasons"] == ["EMAIL_MISSING"]
    assert (await office.service.open_work())["held"] == 1


async def test_a_hold_by_hand_while_the_mail_is_prepared_keeps_it_back(office: Office, customer: Any) -> None:
    order = await office.sent(customer)
    office.mail.before_mark = lambda: office.service.command(customer.asked(invoices.HoldInvoice, order))

    await office.work("deliver")
    assert office.mail.taken_mails == []

    await office.service.command(customer.asked(invoices.ReleaseInvoice, order))
    await office.work("deliver")
    assert len(office.mail.taken_mails) == 1


@asynccontextmanager
async def dying() -> AsyncIterator[None]:
    with pytest.raises(Died):
        yield


async def the_worker_dies(office: Office) -> None:
    """What is claimed stays claimed, and nobody closes the attempt."""
    (work,) = await office.service.jobs.claim("deliver", 1, 30.0)
    async with dying():
        await office.workers["deliver"]._do(work)


async def test_who_finds_a_mark_asks_the_mail_system_once_the_lease_is_over(office: Office, customer: Any) -> None:
    office.mail.answers = ["died after the last line"]
    office.mail.log_away = 1
    order = await office.sent(customer)
    await the_worker_dies(office)

    await office.work("deliver")
    assert (await office.service.invoice(order.invoice_id)).delivery.state is Sending.SENDING
    for _ in range(2):
        office.clock.pass_(seconds=31)
        await office.work("deliver")

    assert len(office.mail.taken_mails) == 1
    assert office.service.names()[-1] == "InvoiceSent"


async def test_what_the_mail_system_never_got_is_sent_again_as_the_same_mail(office: Office, customer: Any) -> None:
    office.mail.answers = ["died before the last line"]
    order = await office.sent(customer)
    await the_worker_dies(office)

    office.clock.pass_(seconds=31)
    await office.work("deliver")

    assert [letter.message_id for letter in office.mail.taken_mails] == [
        f"<{order.invoice_id}.1@mail.rebilling.example>"
    ]
    assert (await office.service.invoice(order.invoice_id)).delivery.attempts == 2


async def test_where_nobody_can_be_asked_it_is_uncertain_until_a_person_resends(office: Office, customer: Any) -> None:
    office.mail.answers, office.mail.can_be_asked = [Unknown("no answer")], False
    order = await office.sent(customer)

    await office.work("deliver")
    office.clock.pass_(seconds=31)
    await office.work("deliver")

    assert office.service.names()[-1] == "InvoiceDeliveryUncertain"
    await office.service.command(customer.asked(invoices.SendInvoice, order, resend=True))
    await office.work("deliver")
    assert [letter.message_id for letter in office.mail.taken_mails] == [
        f"<{order.invoice_id}.1@mail.rebilling.example>",
        f"<{order.invoice_id}.2@mail.rebilling.example>",
    ]


async def test_a_number_drawn_by_whoever_died_reaches_its_invoice(
    office: Office, customer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(name: str) -> None:
        if name == "number-drawn":
            raise Died

    monkeypatch.setattr("invoice_svc.handlers.following.failpoint", die)
    order = customer.billed(send=True)
    await office.service.hear(customer.told(email=EMAIL))
    with pytest.raises(Died):
        await office.service.command(order)
    monkeypatch.undo()
    assert (await office.service.invoice(order.invoice_id)).document is Document.FINALIZING

    later = customer.billed(finalize=True)
    await office.service.command(later)
    monkeypatch.setattr("shared.engine.jobs.now_ms", lambda: office.clock.ms() + 60_000)
    await office.workers["finalize"].drain()

    numbers = [(await office.service.invoice(each.invoice_id)).number for each in (order, later)]
    assert numbers == ["INV-00001", "INV-00002"]
    assert (await office.service.counter()).drawn == ()


async def test_a_number_that_was_not_forgotten_is(office: Office, customer: Any) -> None:
    await office.sent(customer)
    counters = await office.service.store.find("counters", {})
    invoice_id = (await office.service.store.find("invoices", {}))[0]["_id"]
    drawn = {"invoice_id": invoice_id, "number": "INV-00001", "at": "2026-07-01T00:00:00Z"}
    await office.service.store.update_if(
        "counters", counters[0]["_id"], {}, {"$set": {"state.drawn": [drawn]}, "$inc": {"rev": 1}}
    )
    await office.service.jobs.put("numbers", counters[0]["_id"], partner_id="harbour-it")

    await office.work("numbers")

    assert (await office.service.counter()).drawn == ()


async def test_overdue_is_said_once_after_the_due_day(office: Office, customer: Any) -> None:
    await office.service.hear(customer.told())
    await office.service.command(customer.billed(finalize=True, issue_date="2026-01-01"))

    await office.work("overdue")
    await office.work("overdue")

    assert office.service.names().count("InvoiceOverdue") == 1
    assert await office.service.open_work() == {}


async def test_a_hold_that_nobody_looked_at_again_is_released_by_the_sweep(office: Office, customer: Any) -> None:
    await office.service.hear(customer.told())
    order = customer.billed(send=True)
    await office.service.command(order)
    await office.service.store.update_if(
        "accounts", customer.customer_id, {}, {"$set": {"state.email": EMAIL}, "$inc": {"rev": 1}}
    )

    office.clock.pass_(seconds=11)
    await office.held.step()

    assert (await office.service.invoice(order.invoice_id)).delivery.state is Sending.QUEUED
    assert "held" not in await office.service.open_work()


async def test_an_entry_whose_document_is_not_saved_yet_stays(office: Office, customer: Any) -> None:
    order = await office.sent(customer)
    await office.work("deliver")
    await office.service.jobs.put("deliver", order.invoice_id, partner_id="harbour-it")
    await office.service.store.update_if("open_work", f"deliver/{order.invoice_id}", {}, {"$set": {"rev": 99}})

    await office.work("deliver")
    assert (await office.service.open_work())["deliver"] == 1

    await office.service.store.update_if("open_work", f"deliver/{order.invoice_id}", {}, {"$set": {"rev": 1}})
    office.clock.pass_(seconds=31)
    await office.work("deliver")
    assert "deliver" not in await office.service.open_work()


async def test_the_entry_of_a_hold_stays_that_was_saved_since_the_sweep_looked(
    office: Office, customer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry is written before the hold: the sweep finds it, and the invoice not held yet."""
    service, updating = office.service, office.service.store.update_each
    order = await office.sent(customer)
    [doc] = await service.store.find("invoices", {})
    await service.jobs.put("held", order.invoice_id, partner_id="harbour-it", customer_id=order.customer_id)
    await service.store.update_if("open_work", f"held/{order.invoice_id}", {}, {"$set": {"rev": doc["rev"] + 1}})

    async def hold_meanwhile(collection: str, updates: Any) -> Any:
        monkeypatch.setattr(service.store, "update_each", updating)
        await service.command(customer.asked(invoices.HoldInvoice, order))
        return await updating(collection, updates)

    monkeypatch.setattr(service.store, "update_each", hold_meanwhile)
    await office.held.step()

    assert (await service.invoice(order.invoice_id)).delivery.state is Sending.HELD
    assert (await service.open_work())["held"] == 1


async def test_what_is_known_of_a_mail_is_kept_though_the_store_was_away(
    office: Office, customer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.sent(customer)
    execute, away = office.service.engine.execute, [True]

    async def sometimes(changes: Any, meta: Any) -> Any:
        if office.mail.taken_mails and away:
            away.pop()
            raise Unavailable("away")
        return await execute(changes, meta)

    monkeypatch.setattr(office.service.engine, "execute", sometimes)
    await office.work("deliver")

    assert office.service.names()[-1] == "InvoiceSent"
