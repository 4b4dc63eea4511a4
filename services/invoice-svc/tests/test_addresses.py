"""What customer-svc takes as an e-mail address is one that can be mailed to: one rule for both."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from invoice_svc.adapters.headers import on_the_wire
from invoice_svc.domain.account import Account, Reason, blocks
from shared.values.email import email_address
from shared.values.errors import InvalidValue

ACCOUNT = Account("c-1", "northwind", 1, "active", "Riverside Dental")
LIKE_AN_ADDRESS = st.from_regex(r"[a-zü.,;<>()\[\]:\\'!#/=?{|} ]{1,8}@[a-zü.-]{1,12}", fullmatch=True)


@given(st.emails() | LIKE_AN_ADDRESS)
@example("ann@test")
@example("o'hara@a.test")
@example("jürgen@straße.example")
def test_an_address_that_was_taken_never_holds_an_invoice(raw: str) -> None:
    try:
        taken = email_address(raw)
    except InvalidValue:
        return

    assert blocks(replace(ACCOUNT, email=taken)) == ()
    assert on_the_wire(taken) is not None


@pytest.mark.parametrize("old", ["ann@test", "no address"])
def test_what_was_taken_under_an_older_rule_holds_it(old: str) -> None:
    assert blocks(replace(ACCOUNT, email=old)) == (Reason.EMAIL_INVALID,)
