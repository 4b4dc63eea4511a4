"""The composition root of invoice-svc."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from invoice_svc.adapters.mail_log import mail_log
from invoice_svc.adapters.mail_settings import PdfSettings, SmtpSettings
from invoice_svc.adapters.pdf import TypstPdf
from invoice_svc.adapters.smtp import SmtpMailer
from invoice_svc.aggregates import INDEXES, KINDS
from invoice_svc.api import router
from invoice_svc.settings import InvoiceSettings
from invoice_svc.subscriptions import SUBSCRIPTIONS
from invoice_svc.workers import held
from invoice_svc.workers.deliver import Delivery
from invoice_svc.workers.mailer import Seller
from invoice_svc.workers.table import workers
from shared.service import Core, Desk, app_of
from shared.settings import AuthSettings, KafkaSettings, MongoSettings, load
from shared.web.process import Parts, run

SERVICE: Final = "invoice-svc"
_AROUND: Final = timedelta(seconds=5)
"""What a lease has beyond the making of a PDF and the conversation with the mail server."""


@dataclass(frozen=True)
class Everything:
    """All that this service reads from the environment, so that all that is wrong is told at once."""

    invoice: InvoiceSettings
    smtp: SmtpSettings
    pdf: PdfSettings
    kafka: KafkaSettings
    mongo: MongoSettings
    auth: AuthSettings


async def build() -> Parts:
    settings = load(Everything)
    core = Core(SERVICE, settings.kafka, settings.mongo, KINDS, SUBSCRIPTIONS, indexes=INDEXES)
    core.also("held invoices", held.EVERY_S, held.HeldSweep(core.engine).step)
    pdf = TypstPdf(settings.pdf)
    seller = Seller(settings.smtp.sender_name, settings.smtp.sender_address)
    lease_s = settings.pdf.timeout_s + settings.smtp.timeout_s + _AROUND.total_seconds()
    delivery = Delivery(
        core.engine, SmtpMailer(settings.smtp, pdf=pdf), mail_log(settings.smtp), seller=seller, lease_s=lease_s
    )
    desk = Desk(workers(core.engine, delivery, settings.invoice, lease_s=lease_s))
    app = app_of(SERVICE, settings.auth, core, [router(core.engine, pdf, seller)], desk)

    async def start() -> None:
        await core.start()
        desk.start()

    async def stop() -> None:
        """The workers first: what they learn of a mail has yet to be saved and said."""
        await desk.stop(settings.invoice.stop_grace_s)
        await asyncio.gather(core.stop(), pdf.close())

    return Parts(app, start, stop)


def main() -> None:
    run(SERVICE, build)
