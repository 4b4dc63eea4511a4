"""The sink as a process: both ports, the switches, and what it still knows after SIGKILL."""

import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

Ports = tuple[int, int]


@pytest.fixture
def ports() -> Ports:
    found = []
    for _ in range(2):
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            found.append(int(probe.getsockname()[1]))
    return found[0], found[1]


@contextmanager
def a_sink(ports: Ports, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    smtp, http = ports
    command = [sys.executable, "-m", "embedded.mailsink", "--smtp-port", str(smtp), "--http-port", str(http)]
    process = subprocess.Popen([*command, "--data-dir", str(folder)])
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{http}", trust_env=False) as client:
            _wait_for(client)
            yield process, client
    finally:
        process.terminate()
        process.wait(10)


def send(ports: Ports, message_id: str = "<m@x>", *to: str) -> None:
    mail = EmailMessage()
    mail["Message-ID"], mail["From"], mail["Subject"] = message_id, "a@b.example", "hello"
    mail["To"] = to or ("c@d.example",)
    mail.set_content("text")
    mail.add_attachment(b"\x00pdf", maintype="application", subtype="pdf", filename="x.pdf")
    with smtplib.SMTP("127.0.0.1", ports[0], "localhost", timeout=10) as client:
        client.send_message(mail)


def test_a_mail_answered_with_250_survives_sigkill(ports: Ports, tmp_path: Path) -> None:
    with a_sink(ports, tmp_path) as (process, _):
        send(ports)
        process.kill()
        process.wait(10)

    with a_sink(ports, tmp_path) as (_, client):
        [mail] = client.get("/messages").json()
        assert mail["message_id"] == "<m@x>"
        assert mail["attachments"] == [{"filename": "x.pdf", "content_type": "application/pdf", "size": 4}]
        assert client.get("/messages/<m@x>/attachments/0").content == b"\x00pdf"
        assert client.get("/messages/m@x").json()["copies"] == 1
        assert client.get("/messages/other@x").status_code == 404
        assert client.delete("/messages").status_code == 204
        assert client.get("/messages").json() == []


def test_faults_are_switched_and_run_out(ports: Ports, tmp_path: Path) -> None:
    with a_sink(ports, tmp_path) as (_, client):
        assert client.put("/faults", json={"rcpt": {"mode": "transient", "times": 1}}).status_code == 200
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            send(ports)
        send(ports)

        client.put("/faults", json={"data": {"mode": "drop_before_reply", "times": 1}})
        with pytest.raises(smtplib.SMTPServerDisconnected):
            send(ports)
        send(ports)
        assert client.get("/messages/m@x").json()["copies"] == 3

        client.put("/faults", json={"reject": 550})
        with pytest.raises(smtplib.SMTPDataError):
            send(ports)
        assert client.delete("/faults").status_code == 204
        send(ports)
        assert client.put("/faults", json={"rcptt": {}}).status_code == 422


def test_a_client_gone_after_its_last_line_has_handed_the_mail_over(ports: Ports, tmp_path: Path) -> None:
    with a_sink(ports, tmp_path) as (_, client):
        gone = smtplib.SMTP("127.0.0.1", ports[0], "localhost", timeout=10)
        gone.ehlo()
        gone.mail("a@b.example")
        gone.rcpt("c@d.example")
        gone.docmd("DATA")
        gone.send(b"Message-ID: <gone@x>\r\n\r\nbye\r\n.\r\n")
        gone.close()

        deadline = time.monotonic() + 5
        while client.get("/messages/gone@x").status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def _wait_for(client: httpx.Client) -> None:
    for _ in range(300):
        try:
            client.get("/healthz").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the sink did not start")
