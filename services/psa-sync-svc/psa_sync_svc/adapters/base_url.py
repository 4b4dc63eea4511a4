"""Which addresses may be called: partners choose their PSA's `base_url`, and could name what only we can reach."""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

import httpx
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from psa_sync_svc.workers.psa import Permanent
from shared.settings import Settings

Ip = IPv4Address | IPv6Address
_NAME: Final = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")
_NAT64: Final = IPv6Network("64:ff9b::/96")


class AddressSettings(Settings):
    model_config = SettingsConfigDict(env_prefix="REBILLING_PSA__")

    allow_private_addresses: bool = Field(
        False, description="may PSAs be called on this machine and in private networks, there also without TLS"
    )


def checked_base_url(given: str, *, allow_private: bool) -> str:
    """The address without a slash at its end. What its name leads to is checked when it is called (checked_transport).

    Raises `Permanent`.
    """
    try:
        url = httpx.URL(given)
    except (httpx.InvalidURL, TypeError, ValueError) as error:
        raise Permanent("base_url is no address; give one such as https://psa.example") from error
    host, address = host_of(url), literal(host_of(url))
    if url.scheme not in ("https", "http") or not (address or _NAME.fullmatch(host)) or not _is_port(url.port):
        raise Permanent("base_url must begin with https:// and name a host")
    if url.userinfo or url.query or url.fragment or "?" in given or "#" in given:
        raise Permanent("base_url must hold no user, password, query or fragment")
    if address is not None:
        check_address(address, url.scheme, allow_private=allow_private)
    elif url.scheme == "http" and not allow_private:
        raise Permanent("base_url must begin with https://, so that credentials are not sent in the clear")
    return f"{url.scheme}://{url.netloc.decode('ascii')}{url.raw_path.decode('ascii')}".rstrip("/")


def host_of(url: httpx.URL) -> str:
    """As it goes over the wire: a name of other letters in its ASCII form."""
    return url.raw_host.decode("ascii").lower()


def check_address(address: Ip, scheme: str, *, allow_private: bool) -> None:
    """Raises `Permanent` for one that is not public, unless that is allowed, and for plain HTTP to a public one."""
    public = is_public(address)
    if not public and not allow_private:
        raise Permanent("the PSA's address is not a public one, so it is not called; check base_url")
    if public and scheme != "https":
        raise Permanent("the PSA is called over https only; check base_url")


def _is_port(port: int | None) -> bool:
    return port is None or 0 < port < 65536


def literal(host: str) -> Ip | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def is_public(address: Ip) -> bool:
    """Looks also at the IPv4 address inside an IPv6 one, which leads to the same place."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved
