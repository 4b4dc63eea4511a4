"""Names and numbers of every kind stay inside their header."""

from email import message_from_bytes, policy
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_svc.adapters.headers import file_name, mailbox, message_id, on_the_wire, one_line, phrase

NAMES = [
    "Müller, Söhne & Co",
    'A "quoted" \\ name, <x@evil.example>',
    "株式会社サンプル商事東日本支店営業第二部門、とても長い名前の会社です株式会社",
    "Łódź " * 20 + ", x",
    "plain, name " * 12 + "<x@evil.example>",
    "=?utf-8?q?evil?=",
    "שלום, עולם",
    "Evil\r\nBcc: x@evil.example",
    "x" * 200,
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_read_back_as_it_was_and_adds_no_address(name: str) -> None:
    _is_one_mailbox(name)


@given(st.text(max_size=200))
def test_no_name_breaks_out_of_its_header(name: str) -> None:
    _is_one_mailbox(name.encode("utf-8", "ignore").decode())


@given(st.text(max_size=200))
def test_no_subject_breaks_out_of_its_header(subject: str) -> None:
    subject = subject.encode("utf-8", "ignore").decode()
    mail = message_from_bytes(f"Subject: {phrase(subject)}\r\n\r\n".encode(), policy=policy.compat32)

    assert mail.keys() == ["Subject"]
    assert str(make_header(decode_header(str(mail["Subject"])))) == one_line(subject)


def _is_one_mailbox(name: str) -> None:
    raw = f"From: {mailbox(name, 'seller@good.example')}\r\n\r\n".encode("ascii")

    strict = message_from_bytes(raw, policy=policy.default)
    assert strict.keys() == ["From"]
    assert [address.addr_spec for address in strict["From"].addresses] == ["seller@good.example"]
    plain = str(message_from_bytes(raw, policy=policy.compat32)["From"])
    shown = str(make_header(decode_header(plain.removesuffix("seller@good.example>").rstrip().removesuffix("<"))))
    if one_line(name):
        assert shown.strip() == one_line(name)
    assert all(len(line) <= 78 for line in raw.split(b"\r\n"))


def test_a_message_id_has_its_brackets_once() -> None:
    assert message_id("a@b") == message_id("<a@b>") == "<a@b>"


@pytest.mark.parametrize("bad", ["", "no-at", "a b@c", "a@b>\r\nBcc: <x@y", "ü@b"])
def test_a_message_id_that_is_none_is_an_error(bad: str) -> None:
    with pytest.raises(ValueError, match="Message-ID"):
        message_id(bad)


@pytest.mark.parametrize(
    ("number", "name"),
    [("INV-1", "INV-1.pdf"), ("../../é\r\n/x", "x.pdf"), (None, "invoice.pdf"), ("№", "invoice.pdf")],
)
def test_a_file_is_named_by_the_number_and_nothing_else(number: str | None, name: str) -> None:
    assert file_name(number) == name


def test_a_domain_goes_out_in_ascii() -> None:
    assert on_the_wire("a@müller.example") == "a@xn--mller-kva.example"


@pytest.mark.parametrize("local", ["a", "jürgen"])
def test_a_mail_goes_to_the_domain_that_was_meant_and_not_to_its_likeness(local: str) -> None:
    assert on_the_wire(f"{local}@straße.example") == f"{local}@xn--strae-oqa.example"
