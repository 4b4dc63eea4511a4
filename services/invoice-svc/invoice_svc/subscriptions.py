"""What this service listens to: each topic, and who handles which message."""

from typing import Final

from invoice_svc.handlers import (
    close_invoice,
    create_invoice,
    deliver_invoice,
    finalize_invoice,
    keep_account,
    record_payment,
)
from shared.contracts import invoices, topics
from shared.kafka.subscription import Subscription

SUBSCRIPTIONS: Final = (
    Subscription(
        topics.INVOICES_COMMANDS,
        {
            invoices.CreateInvoice: create_invoice.handle,
            invoices.FinalizeInvoice: finalize_invoice.handle,
            invoices.SendInvoice: deliver_invoice.handle_send,
            invoices.CancelDelivery: deliver_invoice.handle_cancel,
            invoices.HoldInvoice: deliver_invoice.handle_hold,
            invoices.ReleaseInvoice: deliver_invoice.handle_release,
            invoices.DiscardInvoice: close_invoice.handle_discard,
            invoices.VoidInvoice: close_invoice.handle_void,
            invoices.RecordPayment: record_payment.handle,
        },
    ),
    Subscription(topics.CUSTOMERS, dict.fromkeys(keep_account.EVENTS, keep_account.handle)),
)
