"""Where tokens are given, and asking for one: the secret goes to the host of the base_url, and to no other that an
answer names."""

import re
from collections.abc import Mapping
from time import monotonic
from typing import Any, Final

import httpx

from psa_sync_svc.adapters.base_url import host_of
from psa_sync_svc.adapters.halopsa.errors import PSA, failure, foreign, understood
from psa_sync_svc.adapters.halopsa.settings import HalopsaSettings
from psa_sync_svc.adapters.halopsa.tokens import Token
from psa_sync_svc.adapters.halopsa.wire import HalopsaWire
from psa_sync_svc.adapters.links import origin
from psa_sync_svc.adapters.reply import Nowhere, Reply
from psa_sync_svc.workers.psa import AuthFailed, Missing, Permanent, PsaError

_PASTED: Final = re.compile(r"/(api|auth|apidoc)(/[a-z]+)?$", re.IGNORECASE)
_TOKEN: Final = re.compile(r"[\x21-\x7e]{1,8000}")
_EARLY_S: Final = 60.0
_USUAL_S: Final = 3600.0
_WRONG: Final = frozenset({"invalid_client", "invalid_grant", "unauthorized_client"})


def root_of(base_url: str | None) -> str:
    """What people paste is taken too: the address of the API, of its tokens or of its description. Raises `Permanent`
    without one."""
    if base_url is None:
        raise Permanent(f"every {PSA} has an address of its own: give base_url, such as https://yours.halopsa.com")
    url = httpx.URL(base_url)
    return f"{url.scheme}://{url.netloc.decode('ascii')}{_PASTED.sub('', url.path.rstrip('/'))}"


async def find_tokens(wire: HalopsaWire, root: str, settings: HalopsaSettings) -> str:
    """The address that gives tokens. A server that tells of none has it beside the API."""
    reply = await wire.ask_for_place(f"{root}/api/authinfo")
    try:
        told = understood(reply, otherwise_s=settings.retry_after_s)
    except (Nowhere, Missing):
        return f"{root}/auth/token"
    if not isinstance(told, dict) or not isinstance(told.get("auth_url"), str):
        raise foreign()
    return _checked(told["auth_url"], root, settings)


async def log_in(wire: HalopsaWire, url: str, settings: HalopsaSettings) -> Token:
    """Raises `AuthFailed` where the credentials are not taken."""
    asked_at = monotonic()
    reply = await wire.ask_for_token(url)
    try:
        body = reply.json()
    except ValueError:
        body = None
    if not 200 <= reply.status < 300 or (isinstance(body, dict) and body.get("error")):
        raise _refused(reply, body, settings)
    told = understood(reply, otherwise_s=settings.retry_after_s)
    if not isinstance(told, dict) or not isinstance(told.get("access_token"), str):
        raise foreign()
    if str(told.get("token_type", "bearer")).casefold() != "bearer" or not _TOKEN.fullmatch(told["access_token"]):
        raise foreign()
    return Token(told["access_token"], asked_at + _believed_s(told))


def _checked(given: str, root: str, settings: HalopsaSettings) -> str:
    """Raises `Permanent` where credentials must not be sent."""
    try:
        url = httpx.URL(given)
    except httpx.InvalidURL as error:
        raise foreign() from error
    trusted = url.scheme == "https" and url.port is None and host_of(url) in settings.auth_hosts
    if url.userinfo or url.query or url.fragment or not (trusted or origin(url) == origin(httpx.URL(root))):
        raise Permanent(f"{PSA} has its tokens on another host, so no credentials were sent there")
    return f"{url.scheme}://{url.netloc.decode('ascii')}{url.path.rstrip('/')}/token"


def _refused(reply: Reply, body: Any, settings: HalopsaSettings) -> PsaError:
    """OAuth's words decide, not the status; they come under a status of success as well."""
    error = body.get("error") if isinstance(body, Mapping) else None
    if error in _WRONG:
        return AuthFailed(f"{PSA} does not take the credentials ({error}): check client id, secret and tenant")
    if error == "invalid_scope":
        return Permanent(f"{PSA} does not give the application {settings.scope!r}: permit that to it there")
    if reply.status in (401, 403):
        return AuthFailed(f"{PSA} gives no token (HTTP {reply.status}): check client id, secret and tenant")
    if reply.status < 300:
        return Permanent(f"{PSA} gives no token: check base_url")
    if reply.status == 404:
        return Permanent(f"there is no {PSA} at this address (HTTP 404): check base_url")
    return failure(reply, body, settings.retry_after_s)


def _believed_s(told: Mapping[str, Any]) -> float:
    """A little less than it is said to live, so that no call begins with one that is about to end."""
    lives_s = told.get("expires_in", _USUAL_S)
    if isinstance(lives_s, bool) or not isinstance(lives_s, int | float) or lives_s <= 0:
        return 0.0
    return float(min(lives_s - min(_EARLY_S, lives_s / 2), 24 * _USUAL_S))
