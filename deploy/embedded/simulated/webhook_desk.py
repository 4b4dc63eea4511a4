"""The tester's side of webhooks: where they go, what was sent, and the same once more as somebody who overheard it."""

from typing import Any

from fastapi import FastAPI, HTTPException, Request

from embedded.simulated.webhooks import Sender, Sent, Target


def point_webhooks(app: FastAPI, sender: Sender) -> None:
    @app.get("/webhook")
    async def shown() -> dict[str, Any]:
        target = sender.target.model_dump(exclude={"secret"}) if sender.target else None
        return {"target": target, "active": sender.active, "failed": sender.failed, "sent": list(sender.deliveries)}

    @app.put("/webhook", status_code=204)
    async def point(request: Request, target: Target) -> None:
        sender.point(target, str(request.base_url).rstrip("/"))

    @app.delete("/webhook", status_code=204)
    async def off() -> None:
        sender.point(None)

    @app.post("/webhook/again", status_code=204)
    async def again() -> None:
        """The newest delivery, byte for byte."""
        if not sender.deliveries:
            raise HTTPException(404, "nothing was sent yet")
        last = sender.deliveries[-1]
        sender.send(Sent(last["url"], last["headers"], last["body"].encode()))
