"""What an answer of ConnectWise's means: a 500 may be a time-out or a bad request, which its `message` tells."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from psa_sync_svc.adapters.reply import RETRIED, Busy, Nowhere, Reply, redirected, unreadable, waiting_time
from psa_sync_svc.adapters.reply import foreign as another_api
from psa_sync_svc.workers.psa import AuthFailed, Away, Missing, Permanent, PsaError, RateLimited, Transient

PSA: Final = "ConnectWise"
_REFUSED: Final = frozenset({"unauthorized", "usernotauthenticated"})
_TIME_OUT: Final = re.compile(r"time-?\s?out|timed out")
_LOCKED: Final = ("deadlock", "lock request time out")
_ABSENT: Final = re.compile(r"not\s?found")
_BAD_REQUEST: Final = ("error converting", "could not cast", "could not convert")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One that the application told of a record's `field`; a reference's id is the reference itself."""

    code: str
    field: str


class Refusal(Permanent):
    def __init__(self, detail: str, mistakes: Sequence[Mistake]) -> None:
        super().__init__(detail)
        self.mistakes = mistakes


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
    raise _failure(reply, body, code, message, otherwise_s)


def foreign() -> Permanent:
    return another_api(PSA)


def _failure(reply: Reply, body: Any, code: str, message: str, otherwise_s: float) -> PsaError:
    status, named = reply.status, waiting_time(reply.retry_after)
    if status == 429 or (status == 503 and named is not None):
        return RateLimited(f"{PSA} takes no more requests for now (HTTP {status})", named or otherwise_s)
    if status == 401 or {code, message} & _REFUSED:
        return AuthFailed(
            f"{PSA} does not take the credentials (HTTP {status}): check company, both keys and client id"
        )
    if status == 409 or any(text in message for text in _LOCKED):
        return Busy(f"{PSA}'s records are locked for a moment (HTTP {status})")
    return _fault(status, message) if status >= 500 or status in RETRIED else _refusal(status, body, code, message)


def _fault(status: int, message: str) -> PsaError:
    """Its own, it says: but a request that it cannot read is among them."""
    if status in RETRIED or _TIME_OUT.search(message):
        return Away(f"{PSA} is not available (HTTP {status})")
    if any(text in message for text in _BAD_REQUEST):
        return Permanent(f"{PSA} cannot read the request (HTTP {status})")
    return Transient(f"{PSA} could not do it now (HTTP {status})")


def _refusal(status: int, body: Any, code: str, message: str) -> PsaError:
    if status == 404 and _ABSENT.search(f"{code} {message}"):
        return Missing(f"{PSA} has no such record (HTTP 404)")
    if status == 403:
        return Permanent(f"{PSA} refuses this to the API member: its security role lacks the permission")
    if status == 404:
        return Nowhere(f"{PSA} has nothing at this address (HTTP 404): check base_url")
    if status < 400:
        return redirected(status, PSA)
    mistakes = _mistakes(body)
    return Refusal(f"{PSA} refuses the request (HTTP {status}, {len(mistakes)} errors told)", mistakes)


def _told(body: Any) -> tuple[str, str]:
    """To be looked at only; without capitals."""
    if not isinstance(body, Mapping):
        return "", ""
    code, message = (str(body.get(name) or "").casefold() for name in ("code", "message"))
    return code, message


def _mistakes(body: Any) -> Sequence[Mistake]:
    errors = body.get("errors") if isinstance(body, Mapping) else None
    told = [each for each in errors if isinstance(each, Mapping)] if isinstance(errors, list) else []
    return [Mistake(str(each.get("code") or ""), _field(str(each.get("field") or ""))) for each in told]


def _field(path: str) -> str:
    return path.strip("/").partition("/")[0]
