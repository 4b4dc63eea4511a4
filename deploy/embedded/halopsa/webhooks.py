"""Webhooks as HaloPSA sends them with Basic authentication: the secret is the password, and nothing is signed."""

import json
import uuid
from base64 import b64encode

from embedded.halopsa import times
from embedded.simulated.webhooks import Happened, Sent, Target


def written(happened: Happened, target: Target) -> Sent:
    """The payload is configured in Halo: one with the client's id."""
    event = (
        "Client Created" if happened.before is None else "Client Deleted" if happened.row is None else "Client Updated"
    )
    told = {"id": str(uuid.uuid4()), "event": event, "client_id": happened.id, "timestamp": times.now()}
    basic = b64encode(f"rebilling:{target.secret}".encode()).decode()
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {basic}"}
    return Sent(target.url, headers, json.dumps(told).encode())
