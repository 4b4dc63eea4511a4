"""Calls by number that are still TLS with the name: the certificate is asked for by it."""

import asyncio
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from psa_sync_svc.adapters.base_url import Ip
from psa_sync_svc.adapters.checked_transport import CheckedTransport
from psa_sync_svc.adapters.names import resolved
from psa_sync_svc.workers.psa import Permanent

HOST = "psa.example"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of `psa.example`, signed by itself, with its key in the same file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path / "certificate.pem"
    path.write_bytes(made.public_bytes(encoding) + secret)
    return path


@pytest.fixture
async def port(certificate: Path) -> AsyncIterator[int]:
    """Of a server on 127.0.0.1 with that certificate, which answers 204 to anything."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


def a_client(certificate: Path, *addresses: str, allow_private: bool = True) -> httpx.AsyncClient:
    async def resolve(_: str, __: int) -> Sequence[Ip]:
        return [ip_address(address) for address in addresses]

    inner = httpx.AsyncHTTPTransport(verify=ssl.create_default_context(cafile=str(certificate)), trust_env=False)
    return httpx.AsyncClient(transport=CheckedTransport(inner, allow_private=allow_private, resolve=resolve))


async def test_the_certificate_is_that_of_the_name(certificate: Path, port: int) -> None:
    async with a_client(certificate, "127.0.0.1") as client:
        assert (await client.get(f"https://{HOST}:{port}/")).status_code == 204

        with pytest.raises(httpx.ConnectError, match="certificate"):
            await client.get(f"https://other.example:{port}/")


async def test_the_next_address_is_tried_where_one_takes_no_connection(certificate: Path, port: int) -> None:
    async with a_client(certificate, "127.0.0.2", "127.0.0.1") as client:
        assert (await client.get(f"https://{HOST}:{port}/")).status_code == 204


async def test_one_address_that_may_not_be_called_is_enough(certificate: Path, port: int) -> None:
    async with a_client(certificate, "1.1.1.1", "127.0.0.1", allow_private=False) as client:
        with pytest.raises(Permanent):
            await client.get(f"https://{HOST}:{port}/")


async def test_a_number_needs_no_look_up(certificate: Path, port: int) -> None:
    async with a_client(certificate) as client:
        with pytest.raises(httpx.ConnectError, match="certificate"):
            await client.get(f"https://127.0.0.1:{port}/")


async def test_names_are_looked_up_and_what_is_no_name_is_no_connection() -> None:
    assert ip_address("127.0.0.1") in await resolved("localhost", 80)
    with pytest.raises(httpx.ConnectError):
        await resolved("a" * 64 + ".example", 80)


async def test_names_that_take_long_hold_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """A partner may name a server of names that never answers."""
    known, end = socket.getaddrinfo, threading.Event()

    def look(host: str, *rest: Any, **more: Any) -> Any:
        if host.endswith(".slow.example"):
            end.wait()
        return known("localhost" if host.endswith(".slow.example") else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look)
    slow = [asyncio.create_task(resolved(f"{number}.slow.example", 443)) for number in range(100)]
    await asyncio.sleep(0)

    async with asyncio.timeout(30):
        found = await resolved("localhost", 443)

    assert found
    assert not any(task.done() for task in slow)
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "name look-up")
    for task in slow[1:]:
        task.cancel()
    end.set()
    assert await slow[0]
