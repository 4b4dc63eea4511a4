"""The HTTP side: what was mailed, the log that can be asked whether a mail went out, and the switches for faults."""

from typing import Any

from fastapi import FastAPI, HTTPException
from fastapi.responses import Response, StreamingResponse

from embedded.mailsink.faults import FaultDesk, Faults
from embedded.mailsink.reading import attachment
from embedded.mailsink.store import MailStore


def create_web(*, store: MailStore, faults: FaultDesk) -> FastAPI:
    app = FastAPI(title="Mail sink")
    _show_messages(app, store)
    _switch_faults(app, faults)

    @app.get("/healthz")
    async def healthz() -> dict[str, Any]:
        return {"status": "ok", "messages": len(store)}

    return app


def _show_messages(app: FastAPI, store: MailStore) -> None:
    @app.get("/messages")
    async def messages() -> StreamingResponse:
        return StreamingResponse(store.listed(), media_type="application/json")

    @app.get("/messages/{message_id}")
    async def message(message_id: str) -> dict[str, Any]:
        """The first delivery of it; `copies` is how often it came."""
        copies = _copies(store, message_id)
        return {**copies[0], "copies": len(copies)}

    @app.get("/messages/{message_id}/attachments/{number}")
    async def message_attachment(message_id: str, number: int) -> Response:
        found = attachment(store.raw(_copies(store, message_id)[0]), number)
        if found is None:
            raise HTTPException(404, "the message has no attachment of that number (counted from 0)")
        content_type, content = found
        return Response(content, media_type=content_type)

    @app.get("/messages/{message_id}/raw")
    async def message_raw(message_id: str) -> Response:
        return Response(store.raw(_copies(store, message_id)[0]), media_type="message/rfc822")

    @app.delete("/messages", status_code=204)
    async def forget() -> None:
        store.clear()


def _switch_faults(app: FastAPI, faults: FaultDesk) -> None:
    @app.get("/faults")
    async def shown() -> Faults:
        return faults.faults

    @app.put("/faults")
    @app.post("/faults")
    async def switched(wanted: Faults) -> Faults:
        faults.set(wanted)
        return faults.faults

    @app.delete("/faults", status_code=204)
    async def off() -> None:
        faults.set(Faults())


def _copies(store: MailStore, message_id: str) -> list[dict[str, Any]]:
    copies = store.copies(message_id)
    if not copies:
        raise HTTPException(404, "no message with that Message-ID was taken")
    return copies
