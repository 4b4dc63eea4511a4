"""A server that wants STARTTLS and a log-in, as a hosted one does."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from invoice_svc.adapters.mail_settings import SmtpSettings
from invoice_svc.adapters.smtp import SmtpMailer
from invoice_svc.workers.mailer import Accepted, Letter, Seller, TransientFailure
from shared.contracts.invoice_shapes import Invoice

Letters = Callable[..., Letter]


class LongPdf:
    async def render(self, invoice: Invoice, seller: Seller) -> bytes:
        return b"x" * 2_000_000


@dataclass
class Hosted:
    port: int
    certificate: Path
    mails: list[bytes] = field(default_factory=list)

    def mailer(self, **changed: Any) -> SmtpMailer:
        given = {"username": "u", "password": "right", "security": "starttls", "ca_file": self.certificate, **changed}
        return SmtpMailer(SmtpSettings(host="127.0.0.1", port=self.port, hello="localhost", **given), pdf=LongPdf())


@pytest_asyncio.fixture
async def hosted(tmp_path: Path) -> AsyncIterator[Hosted]:
    certificate, key = a_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    mails: list[bytes] = []

    class Desk:
        async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
            mails.append(envelope.original_content or b"")
            return "250 2.0.0 kept"

    def right(
        _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: LoginPassword
    ) -> AuthResult:
        return AuthResult(success=given.password == b"right", handled=False)

    def conversation() -> SMTP:
        return SMTP(
            Desk(),
            hostname="localhost",
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=right,
            loop=asyncio.get_running_loop(),
        )

    server = await asyncio.get_running_loop().create_server(conversation, "127.0.0.1", 0)
    yield Hosted(server.sockets[0].getsockname()[1], certificate, mails)
    server.close()


def a_certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "certificate.pem", folder / "key.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return pem, secret


async def yes() -> bool:
    return True


@pytest.mark.parametrize("security", ["starttls", "auto"])
async def test_a_mail_goes_out_over_tls_after_the_log_in(hosted: Hosted, a_letter: Letters, security: str) -> None:
    outcome = await hosted.mailer(security=security).deliver(a_letter(), mark=yes)

    assert isinstance(outcome, Accepted)
    assert len(hosted.mails) == 1
    assert len(hosted.mails[0]) > 2_000_000


async def test_a_wrong_password_is_no_fault_of_the_mail(hosted: Hosted, a_letter: Letters) -> None:
    outcome = await hosted.mailer(password="wrong").deliver(a_letter(), mark=yes)

    assert isinstance(outcome, TransientFailure)
    assert outcome.code == "AUTH_FAILED"


async def test_a_certificate_of_nobody_is_not_trusted(hosted: Hosted, a_letter: Letters) -> None:
    outcome = await hosted.mailer(ca_file=None).deliver(a_letter(), mark=yes)

    assert isinstance(outcome, TransientFailure)
    assert hosted.mails == []


async def test_starttls_that_is_not_offered_is_not_done_without(sink: Any, a_letter: Letters) -> None:
    mailer = SmtpMailer(sink.settings(security="starttls"), pdf=LongPdf())

    assert isinstance(await mailer.deliver(a_letter(), mark=yes), TransientFailure)
    assert sink.messages() == []
