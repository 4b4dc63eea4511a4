"""Where a tenant lives: asked for without credentials, and checked before any are sent there."""

import re
from typing import Final

import httpx

from psa_sync_svc.adapters.autotask.errors import foreign, understood
from psa_sync_svc.adapters.autotask.settings import AutotaskSettings
from psa_sync_svc.adapters.autotask.wire import AutotaskWire
from psa_sync_svc.adapters.base_url import host_of
from psa_sync_svc.adapters.links import origin
from psa_sync_svc.adapters.reply import Reply
from psa_sync_svc.workers.psa import AuthFailed, Permanent

_PATH: Final = "/atservicesrest/v1.0/zoneInformation"
_VERSION: Final = "/v1.0"


async def find_zone(wire: AutotaskWire, base_url: str | None, settings: AutotaskSettings) -> str:
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
