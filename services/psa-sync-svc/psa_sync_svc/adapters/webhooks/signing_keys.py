"""Signing keys that a callback names by address: fetched from hosts of the integration's PSA only, seldom, and kept."""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import httpx

from psa_sync_svc.adapters.base_url import host_of, literal
from psa_sync_svc.adapters.links import origin
from psa_sync_svc.workers.psa import Permanent, Transient

K = TypeVar("K")
V = TypeVar("V")
Fetch = Callable[[str], Awaitable[str]]
_MOST: Final = 1_000
_MINUTE: Final = 60.0
_LONGEST: Final = 500
_SOON_S: Final = 30.0
"""A key that does not fit any more is fetched again, but not one that is younger than this."""


class SigningKeys:
    """Of all integrations in this process. Anybody may send anything, so how often one integration's are fetched is
    bounded, whatever addresses are named. `fetch` raises a `PsaError`."""

    def __init__(self, fetch: Fetch, *, kept_s: float, a_minute: int) -> None:
        self._fetch, self._kept_s, self._a_minute = fetch, kept_s, a_minute
        self._keys: OrderedDict[tuple[str, str], tuple[str, float]] = OrderedDict()
        self._fetched: OrderedDict[str, deque[float]] = OrderedDict()
        self._turns: OrderedDict[str, asyncio.Lock] = OrderedDict()

    async def of(self, integration_id: str, url: str, *, renewed: bool = False) -> str | None:
        """`renewed`: the one that is known does not fit; None: it is not old enough to be another by now."""
        async with self._turn(integration_id):
            kept = self._keys.get((integration_id, url))
            age_s = time.monotonic() - kept[1] if kept is not None else float("inf")
            if kept is not None and age_s < (_SOON_S if renewed else self._kept_s):
                return None if renewed else kept[0]
            self._count(integration_id)
            key = await self._fetch(url)
            _put(self._keys, (integration_id, url), (key, time.monotonic()))
            return key

    def _turn(self, integration_id: str) -> asyncio.Lock:
        return _put(self._turns, integration_id, self._turns.get(integration_id) or asyncio.Lock())

    def _count(self, integration_id: str) -> None:
        now = time.monotonic()
        times = _put(self._fetched, integration_id, self._fetched.get(integration_id) or deque())
        while times and times[0] < now - _MINUTE:
            times.popleft()
        if len(times) >= self._a_minute:
            raise Transient("signing keys were fetched too often for this integration; send it again in a minute")
        times.append(now)


def is_allowed(url: str, *, base_url: str | None, domain: str, hosts: frozenset[str]) -> bool:
    """On the integration's own origin; of the vendor's cloud, on any host of it; or on a host that was set. Always
    over TLS, but on the origin of a `base_url` that is itself without."""
    if len(url) > _LONGEST or not url.isprintable():
        return False
    try:
        asked = httpx.URL(url)
        own = httpx.URL(base_url) if base_url is not None else None
        host = host_of(asked)
        if asked.userinfo or not host:
            return False
        if own is not None and origin(asked) == origin(own):
            return True
    except (httpx.InvalidURL, ValueError):
        return False
    if asked.scheme != "https" or asked.port not in (None, 443) or literal(host) is not None:
        return False
    in_the_cloud = own is None or _under(host_of(own), domain)
    return host in hosts or (in_the_cloud and _under(host, domain))


def key_in(payload: object) -> str:
    """Raises `Permanent` where there is none."""
    key = payload.get("signing_key") if isinstance(payload, dict) else None
    if not isinstance(key, str) or not key:
        raise Permanent("what is at the key's address is no signing key")
    return key


def _under(host: str, domain: str) -> bool:
    return host.endswith(f".{domain}")


def _put(known: OrderedDict[K, V], key: K, value: V) -> V:
    """The one that rested longest is forgotten first."""
    known[key] = value
    known.move_to_end(key)
    if len(known) > _MOST:
        known.popitem(last=False)
    return value
