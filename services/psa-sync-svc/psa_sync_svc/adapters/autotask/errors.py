"""What an answer of Autotask's means. The status codes do not tell: most refusals are 500, so the body is looked at as
well."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from psa_sync_svc.adapters.reply import RETRIED, Busy, Reply, redirected, unreadable, waiting_time
from psa_sync_svc.adapters.reply import foreign as another_api
from psa_sync_svc.workers.psa import AuthFailed, Away, Missing, Permanent, PsaError, RateLimited, Transient

PSA: Final = "Autotask"
THREADS_S: Final = 2.0
"""The wait after too many requests at a time: they end within seconds."""
_THREAD_TEXTS: Final = ("thread threshold", "itgenatr005")
_LIMIT_TEXTS: Final = ("threshold", "exceeded")
_UNEXPECTED: Final = "unexpected error"
_PERMISSION: Final = "permission"
_LOCKED: Final = ("deadlock", "lock request time out")
"""The words of the database that the vendor uses, which come through: nothing was done, and a repetition is invited."""


class Refusal(Permanent):
    """`texts`: what the application told, without capitals, to be looked at only."""

    def __init__(self, detail: str, texts: Sequence[str]) -> None:
        super().__init__(detail)
        self.texts = texts


def understood(reply: Reply, *, otherwise_s: float) -> Mapping[str, Any]:
    """The JSON object of a good answer. Raises a `PsaError`; `otherwise_s`: the wait where none is named."""
    body = _object(reply)
    texts = _texts(body)
    if not 200 <= reply.status < 300 or texts:
        raise _failure(reply, texts, otherwise_s)
    if body is None:
        raise unreadable(reply, PSA)
    return body


def _failure(reply: Reply, texts: Sequence[str], otherwise_s: float) -> PsaError:
    limited = _limited(reply, texts, otherwise_s)
    if limited is not None:
        return limited
    status = reply.status
    if status in RETRIED:
        return Away(f"Autotask is not available (HTTP {status})")
    if status == 409 or any(part in text for text in texts for part in _LOCKED):
        return Busy(f"Autotask's records are locked for a moment (HTTP {status})")
    if not 400 <= status < 500 and any(_UNEXPECTED in text for text in texts):
        return Transient(f"Autotask could not do it now (HTTP {status})")
    if status >= 500 and not texts:
        return Transient(f"Autotask has an error of its own (HTTP {status})")
    return _refusal(status, texts)


def _refusal(status: int, texts: Sequence[str]) -> PsaError:
    if status == 401:
        return AuthFailed(
            "Autotask does not take the credentials (HTTP 401): check user name, secret and integration code"
        )
    if status == 403 or any(_PERMISSION in text for text in texts):
        return Permanent("Autotask refuses this to the API user: its security level lacks the permission")
    if status == 404:
        return Missing("Autotask has nothing at this address (HTTP 404): check base_url")
    if status < 400 and not texts:
        return redirected(status, PSA)
    return Refusal(f"Autotask refuses the request (HTTP {status}, {len(texts)} errors told)", texts)


def _limited(reply: Reply, texts: Sequence[str], otherwise_s: float) -> RateLimited | None:
    """The status for either limit is not confirmed, so the words count as well."""
    named = waiting_time(reply.retry_after)
    if any(part in text for text in texts for part in _THREAD_TEXTS):
        return RateLimited("Autotask works on too many requests of ours at a time", named or THREADS_S)
    if reply.status == 429 or any(all(part in text for part in _LIMIT_TEXTS) for text in texts):
        return RateLimited("Autotask takes no more requests of this tenant for now", named or otherwise_s)
    if reply.status == 503 and named is not None:
        return RateLimited("Autotask is not available (HTTP 503)", named)
    return None


def foreign() -> Permanent:
    return another_api(PSA)


def _object(reply: Reply) -> Mapping[str, Any] | None:
    try:
        body = reply.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _texts(body: Mapping[str, Any] | None) -> Sequence[str]:
    """What the application says under `errors`, to be looked at only; `Message` comes from the server around it."""
    errors = (body or {}).get("errors")
    return [str(text).casefold() for text in errors] if isinstance(errors, list) else ()
