"""What an answer of ConnectWise's means: a 500 may be a time-out or a bad request, which its `message` tells."""

import re
from collections.abc import Mapping
from typing import Any, Final

from psa_sync_svc.adapters.reply import RETRIED, Hiccup, Missing, Reply, redirected, unreadable, waiting_time
from psa_sync_svc.adapters.reply import foreign as another_api
from psa_sync_svc.workers.psa import AuthFailed, Permanent, PsaError, RateLimited, Transient

PSA: Final = "ConnectWise"
_REFUSED: Final = frozenset({"unauthorized", "usernotauthenticated"})
_TIME_OUT: Final = re.compile(r"time-?\s?out|timed out")
_BAD_REQUEST: Final = ("error converting", "could not cast", "could not convert")


def understood(reply: Reply, *, otherwise_s: float) -> Any:
    """The JSON of a good answer. Raises a `PsaError`; `otherwise_s`: the wait where none is named."""
    try:
        body = reply.json()
    except ValueError:
        body = None
        if 200 <= reply.status < 300:
            raise unreadable(reply, PSA) from None
    code, message = _told(body)
    if 200 <= reply.status < 300 and not {code, message} & _REFUSED:
        return body
    raise _failure(reply, code, message, otherwise_s)


def foreign() -> Permanent:
    return another_api(PSA)


def _failure(reply: Reply, code: str, message: str, otherwise_s: float) -> PsaError:
    status, named = reply.status, waiting_time(reply.retry_after)
    if status == 429 or (status == 503 and named is not None):
        return RateLimited(f"{PSA} takes no more requests for now (HTTP {status})", named or otherwise_s)
    if status == 401 or {code, message} & _REFUSED:
        return AuthFailed(
            f"{PSA} does not take the credentials (HTTP {status}): check company, both keys and client id"
        )
    if status in RETRIED or (status >= 500 and _TIME_OUT.search(message)):
        return Hiccup(f"{PSA} is not available (HTTP {status})")
    if status >= 500 and any(text in message for text in _BAD_REQUEST):
        return Permanent(f"{PSA} cannot read the request (HTTP {status})")
    if status >= 500 or status == 409:
        return Transient(f"{PSA} could not do it now (HTTP {status})")
    return _refusal(status)


def _refusal(status: int) -> PsaError:
    if status == 403:
        return Permanent(f"{PSA} refuses this to the API member: its security role lacks the permission")
    if status == 404:
        return Missing(f"{PSA} has nothing at this address (HTTP 404): check base_url")
    if status < 400:
        return redirected(status, PSA)
    return Permanent(f"{PSA} refuses the request (HTTP {status})")


def _told(body: Any) -> tuple[str, str]:
    """To be looked at only; without capitals."""
    if not isinstance(body, Mapping):
        return "", ""
    code, message = (str(body.get(name) or "").casefold() for name in ("code", "message"))
    return code, message
