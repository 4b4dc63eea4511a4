"""Where a company's API is: its server says which codebase, which changes with every upgrade."""

import re
from typing import Any, Final

import httpx

from psa_sync_svc.adapters.base_url import host_of
from psa_sync_svc.adapters.connectwise.errors import foreign, understood
from psa_sync_svc.adapters.connectwise.settings import ConnectwiseSettings
from psa_sync_svc.adapters.connectwise.wire import ConnectwiseWire
from psa_sync_svc.adapters.reply import Nowhere
from psa_sync_svc.workers.psa import AuthFailed, Missing, Permanent

_API: Final = "apis/3.0"
_PASTED: Final = re.compile(r"(/v\w+)?/apis(/3\.0)?$")
_CODEBASE: Final = re.compile(r"[A-Za-z0-9_]{1,40}/?")
_UNKNOWN: Final = "ConnectWise does not know the company: check company, and base_url, which differs by region"


async def find_api(wire: ConnectwiseWire, base_url: str | None, settings: ConnectwiseSettings) -> str:
    """The API's address up to and with the version, to which names of entities are added."""
    server = server_of(base_url, settings)
    reply = await wire.ask_for_company(server)
    try:
        told = understood(reply, otherwise_s=settings.retry_after_s)
    except (Nowhere, Missing) as error:
        raise Permanent("there is no ConnectWise at this address (HTTP 404): check base_url") from error
    if told is None:
        raise AuthFailed(_UNKNOWN)
    if not isinstance(told, dict) or "Codebase" not in told:
        raise foreign()
    codebase = told["Codebase"] or settings.codebase
    if not isinstance(codebase, str) or not _CODEBASE.fullmatch(codebase):
        raise foreign()
    site = _site(told, base_url, settings) or server
    return f"{site}/{codebase.rstrip('/')}/{_API}"


def server_of(base_url: str | None, settings: ConnectwiseSettings) -> str:
    """What people paste is taken too: the address of the vendor's web pages, and one with codebase and version."""
    url = httpx.URL(base_url or settings.address)
    path, host, netloc = _PASTED.sub("", url.path.rstrip("/")), host_of(url), url.netloc.decode("ascii")
    region = host.removesuffix(f".{settings.domain}")
    if region != host and "." not in region and not region.startswith("api-"):
        netloc = f"api-{netloc}"
    return f"{url.scheme}://{netloc}{path}"


def _site(told: dict[str, Any], base_url: str | None, settings: ConnectwiseSettings) -> str | None:
    """Without a base_url, the vendor's server may name another of its own; with one, no other host is asked."""
    site = told.get("SiteUrl")
    if base_url is not None or not site:
        return None
    try:
        url = httpx.URL(f"https://{site}" if "://" not in str(site) else str(site))
    except httpx.InvalidURL as error:
        raise foreign() from error
    ours = url.scheme == "https" and url.port is None and host_of(url).endswith(f".{settings.domain}")
    if not ours or url.userinfo or url.query or url.fragment or url.path not in ("", "/"):
        raise Permanent("ConnectWise names a site on a host that is not trusted, so no credentials were sent there")
    return server_of(str(url), settings)
