"""Which addresses a partner may name."""

from ipaddress import ip_address

import pytest

from psa_sync_svc.adapters.base_url import check_address, checked_base_url, is_public
from psa_sync_svc.workers.psa import Permanent


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://psa.example", "https://psa.example"),
        ("https://psa.example/", "https://psa.example"),
        ("HTTPS://PSA.example:8443/path/", "https://psa.example:8443/path"),
        ("https://grün.example", "https://xn--grn-ioa.example"),
        ("https://1.1.1.1", "https://1.1.1.1"),
    ],
)
def test_a_public_address_over_https_is_taken(given: str, kept: str) -> None:
    assert checked_base_url(given, allow_private=False) == kept


@pytest.mark.parametrize(
    "given",
    [
        "",
        "psa.example",
        "ftp://psa.example",
        "file:///etc/passwd",
        "http://psa.example",
        "https://",
        "https://user@psa.example",
        "https://user:word@psa.example",
        "https://psa.example/?a=b",
        "https://psa.example/#x",
        "https://psa.example?",
        "https://127.0.0.1",
        "https://[::1]",
        "https://[::ffff:127.0.0.1]",
        "https://10.1.2.3",
        "https://169.254.169.254",
        "https://psa.example:99999",
        "https://ps a.example",
    ],
)
def test_other_addresses_are_refused(given: str) -> None:
    with pytest.raises(Permanent):
        checked_base_url(given, allow_private=False)


def test_where_private_addresses_are_allowed_they_need_no_tls() -> None:
    assert checked_base_url("http://127.0.0.1:8000", allow_private=True) == "http://127.0.0.1:8000"
    with pytest.raises(Permanent, match="https"):
        checked_base_url("http://1.1.1.1", allow_private=True)
    with pytest.raises(Permanent, match="https"):
        check_address(ip_address("1.1.1.1"), "http", allow_private=True)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "0.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
        "255.255.255.255", "192.0.2.1", "::", "::1", "fe80::1", "fc00::1", "fd12::1", "fec0::1", "ff02::1",
        "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
        "::7f00:1",
    ],
)  # fmt: skip
def test_no_address_of_our_own_network_is_public_however_it_is_written(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(ip_address(address))
