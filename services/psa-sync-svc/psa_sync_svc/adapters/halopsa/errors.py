"""What an answer of HaloPSA's means. Its layers have shapes of their own: an object that names a `Message`, the state
of the model by path, or bare text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from psa_sync_svc.adapters.reply import RETRIED, Busy, Nowhere, Reply, redirected, unreadable, waiting_time
from psa_sync_svc.adapters.reply import foreign as another_api
from psa_sync_svc.workers.psa import AuthFailed, Away, Missing, Permanent, PsaError, RateLimited, Transient

PSA: Final = "HaloPSA"
_LIMIT: Final = re.compile(r"rate limit reached(?:[^0-9]{0,10}(\d{1,6}) requests)?", re.IGNORECASE)
_PATH: Final = re.compile(r"\$?\[\d+\]\.([a-z0-9_.]{1,80})", re.IGNORECASE)
_NO_ROUTE: Final = "no http resource"
"""What the server around the application says of an address; how the application itself tells of a record that there is
not is in no source, so any other object is taken for that."""
_LONGEST_TEXT: Final = 2_000


class LimitReached(RateLimited):
    """HaloPSA's own word. `limit`: how many requests in five minutes the tenant has, where that was told; `named`: so
    was the time to wait."""

    def __init__(self, detail: str, retry_after_s: float, *, limit: int | None, named: bool) -> None:
        super().__init__(detail, retry_after_s)
        self.limit, self.named = limit, named


class TokenRefused(AuthFailed):
    """The token has ended, or was never one: nothing was done."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What the application finds wrong with a record's value. `text`: to be looked at only, without capitals."""

    path: str
    text: str


class Refusal(Permanent):
    def __init__(self, detail: str, mistakes: Sequence[Mistake]) -> None:
        super().__init__(detail)
        self.mistakes = mistakes


def understood(reply: Reply, *, otherwise_s: float) -> Any:
    """The JSON of a good answer. Raises a `PsaError`; `otherwise_s`: the wait where none is named."""
    good = 200 <= reply.status < 300
    try:
        body = reply.json()
    except ValueError:
        body = None
        if good:
            raise unreadable(reply, PSA) from None
    if good:
        return body
    raise failure(reply, body, otherwise_s)


def foreign() -> Permanent:
    return another_api(PSA)


def failure(reply: Reply, body: Any, otherwise_s: float) -> PsaError:
    limited = _limited(reply, otherwise_s)
    if limited is not None:
        return limited
    status = reply.status
    if status == 401:
        return TokenRefused(f"{PSA} does not take its own token (HTTP 401): check client id, secret and tenant")
    if status == 409 or "deadlock" in _text(reply).casefold():
        return Busy(f"{PSA}'s records are locked for a moment (HTTP {status})")
    if status in RETRIED:
        return Away(f"{PSA} is not available (HTTP {status})")
    if status >= 500:
        return Transient(f"{PSA} could not do it now (HTTP {status})")
    return _refusal(status, body)


def no_rights() -> Permanent:
    """A list is empty there, and no error, for an agent that may not see what is on it."""
    return Permanent(
        f"{PSA} shows no clients or sites at all: give the agent that the application logs in as the right to see them"
    )


def _limited(reply: Reply, otherwise_s: float) -> LimitReached | None:
    """No header is known to name a time; the limit stands in the text."""
    named, found = waiting_time(reply.retry_after), _LIMIT.search(_text(reply)) if reply.status >= 400 else None
    if reply.status == 429 or found is not None or (reply.status == 503 and named is not None):
        limit = int(found[1]) if found is not None and found[1] else None
        told = f", {limit} in five minutes" if limit else ""
        detail = f"{PSA} takes no more requests of this tenant for now (HTTP {reply.status}{told})"
        return LimitReached(detail, named or otherwise_s, limit=limit or None, named=named is not None)
    return None


def _refusal(status: int, body: Any) -> PsaError:
    if status == 403:
        return Permanent(f"{PSA} refuses this: the application, or the agent that it logs in as, lacks the permission")
    if status == 404 and isinstance(body, Mapping) and _NO_ROUTE not in str(body.get("Message", "")).casefold():
        return Missing(f"{PSA} has no such record (HTTP 404)")
    if status == 404:
        return Nowhere(f"{PSA} has nothing at this address (HTTP 404): check base_url")
    if status < 400:
        return redirected(status, PSA)
    mistakes = tuple(_mistakes(body))
    return Refusal(f"{PSA} refuses the request (HTTP {status}, {len(mistakes)} errors told)", mistakes)


def _mistakes(body: Any) -> Iterator[Mistake]:
    """By itself, or under a name, as servers of that kind have it."""
    if not isinstance(body, Mapping):
        return
    for state in (body, body.get("ModelState"), body.get("errors")):
        for path, texts in state.items() if isinstance(state, Mapping) else ():
            found = _PATH.fullmatch(path)
            if found:
                yield Mistake(found[1], str(texts).casefold())


def _text(reply: Reply) -> str:
    return reply.content[:_LONGEST_TEXT].decode(errors="replace")
