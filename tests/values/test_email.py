"""E-mail addresses in one normal form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.values.email import email_address
from shared.values.errors import InvalidValue


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("accounts@example.com", "accounts@example.com"),
        (" Accounts.Payable+inv@EXAMPLE.COM ", "Accounts.Payable+inv@example.com"),
        ("info@bücher.example", "info@xn--bcher-kva.example"),
        ("jürgen@example.com", "jürgen@example.com"),
        ("jürgen@straße.example", "jürgen@xn--strae-oqa.example"),
        ("a@wattle-tide.test", "a@wattle-tide.test"),
    ],
)
def test_an_address_has_one_form(raw: str, found: str) -> None:
    assert email_address(raw) == found


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "accounts",
        "accounts@",
        "@example.com",
        "accounts@localhost",
        "accounts@example",
        "ann@test",
        "accounts@host.invalid",
        "two@example.com, three@example.com",
        "Accounts <accounts@example.com>",
        '"a b"@example.com',
        "a@[127.0.0.1]",
        "a\r\nBcc: x@example.com",
        "a@example.com\r\nBcc: x",
        "a..b@example.com",
        f"{'a' * 65}@example.com",
        f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.com",
        "a@exa mple.com",
        "a\x00@example.com",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(raw: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        email_address(raw)

    assert caught.value.code == "EMAIL_INVALID"
    assert caught.value.detail in {
        "must be one e-mail address such as accounts@example.com",
        "an e-mail address has at most 200 characters here",
    }


@given(st.emails())
def test_the_normal_form_of_a_normal_form_is_itself(raw: str) -> None:
    try:
        found = email_address(raw)
    except InvalidValue:
        return
    assert email_address(found) == found


@given(st.text(max_size=40) | st.text("ab@.<>, \r\n\x00ü", max_size=15))
def test_any_text_is_one_line_with_one_at_sign_or_refused(raw: str) -> None:
    try:
        found = email_address(raw)
    except InvalidValue:
        return
    assert found.count("@") == 1
    assert found.isprintable()
    assert len(found) <= 200
