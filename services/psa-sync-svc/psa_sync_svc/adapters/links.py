"""Links that a PSA's answer names: credentials go to no other host than the one that was asked."""

import httpx

from psa_sync_svc.adapters.base_url import host_of
from psa_sync_svc.adapters.reply import foreign
from psa_sync_svc.workers.psa import Permanent


def checked_link(link: object, asked: str, psa: str) -> str:
    """The next page's address, on the origin of `asked`. Raises `Permanent`."""
    if not isinstance(link, str):
        raise foreign(psa)
    try:
        url = httpx.URL(link)
    except httpx.InvalidURL as error:
        raise foreign(psa) from error
    if url.userinfo or origin(url) != origin(httpx.URL(asked)):
        raise Permanent(f"{psa}'s next page is on another host, so no credentials were sent there")
    return link


def origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, host_of(url), url.port or (443 if url.scheme == "https" else 80)
