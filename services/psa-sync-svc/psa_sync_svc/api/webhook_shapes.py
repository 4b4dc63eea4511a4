"""Webhooks as the routes answer and show them."""

from typing import Literal

from shared.contracts.base import Shape
from shared.contracts.forms import SaidId, SaidTime


class ShownWebhook(Shape):
    """`stopped_at`: since when the PSA says that it sends nothing; it has to be switched on again there."""

    secret_made_at: SaidTime
    stopped_at: SaidTime | None


class WebhookSecret(Shape):
    """`secret` is shown this once. `header`: which header the PSA has to send what is made with it in, or itself.
    `path` and `stopped_path`: where the PSA is to send what changed, and that it has stopped; `url` and `stopped_url`:
    the same where it is set under which address this service is reached."""

    integration_id: SaidId
    secret: str
    header: str
    path: str
    stopped_path: str
    url: str | None
    stopped_url: str | None
    made_at: SaidTime


class Accepted(Shape):
    """What was sent is taken as a hint; what is true is read from the PSA afterwards."""

    accepted: Literal[True] = True
