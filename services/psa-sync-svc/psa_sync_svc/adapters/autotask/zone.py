"""Where a tenant lives: asked for without credentials, and checked before any are sent there."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Final

import httpx
import structlog

from psa_sync_svc.adapters.autotask.errors import Reply, foreign, understood
from psa_sync_svc.adapters.autotask.settings import AutotaskSettings
from psa_sync_svc.adapters.autotask.wire import Wire
from psa_sync_svc.adapters.base_url import host_of
from psa_sync_svc.workers.psa import AuthFailed, Permanent

_PATH: Final = "/atservicesrest/v1.0/zoneInformation"
_VERSION: Final = "/v1.0"
_log = structlog.get_logger(__name__)


class Zone:
    """The zone of one integration, kept until it turns out to be wrong."""

    def __init__(self) -> None:
        self._url: str | None = None
        self._lock = asyncio.Lock()

    async def get(self, find: Callable[[], Awaitable[str]]) -> str:
        async with self._lock:
            if self._url is None:
                self._url = await find()
            return self._url

    async def renewed(self, old: str, find: Callable[[], Awaitable[str]]) -> str:
        """Asks again, unless another call has done so since `old` was answered."""
        async with self._lock:
            if self._url == old:
                self._url = await find()
                if self._url != old:
                    _log.info("the tenant has moved", zone=host_of(httpx.URL(self._url)))
            return self._url or old


async def find_zone(wire: Wire, base_url: str | None, settings: AutotaskSettings) -> str:
    """The zone's address up to and with the version, to which names of entities are added."""
    reply = await wire.ask_for_zone(f"{base_url or settings.address}{_PATH}")
    body = understood(_named(reply), otherwise_s=settings.retry_after_s)
    url = body.get("url")
    if not isinstance(url, str) or not url:
        raise foreign()
    return checked_zone(url, base_url, settings)


def _named(reply: Reply) -> Reply:
    """An unknown user name is answered here with 500 and JSON. That it comes under `errors` is not confirmed; another
    500 is taken for an outage, so that one does not stop an integration."""
    if reply.status == 500:
        try:
            understood(reply, otherwise_s=0.0)
        except Permanent as error:
            raise AuthFailed("Autotask does not know the user name: check it, and base_url") from error
    return reply


def checked_zone(given: str, base_url: str | None, settings: AutotaskSettings) -> str:
    """Raises `Permanent` where credentials must not be sent. Zones were seen with and without the version, and with
    double slashes."""
    try:
        url = httpx.URL(given)
    except httpx.InvalidURL as error:
        raise foreign() from error
    if url.userinfo or url.query or url.fragment or not _may_be_at(url, base_url, settings):
        raise Permanent("Autotask names a zone on a host that is not trusted, so no credentials were sent there")
    path = re.sub("/+", "/", url.path).rstrip("/")
    if path.lower().endswith(_VERSION):
        path = path[: -len(_VERSION)].rstrip("/")
    return f"{url.scheme}://{url.netloc.decode('ascii')}{path}{_VERSION}"


def _may_be_at(url: httpx.URL, base_url: str | None, settings: AutotaskSettings) -> bool:
    host = host_of(url)
    if base_url is None:
        return url.scheme == "https" and url.port is None and host.endswith(f".{settings.zone_domain}")
    asked = httpx.URL(base_url)
    same = origin(url) == origin(asked)
    return same or (url.scheme == "https" and url.port is None and host in settings.zone_hosts)


def origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, host_of(url), url.port or (443 if url.scheme == "https" else 80)
